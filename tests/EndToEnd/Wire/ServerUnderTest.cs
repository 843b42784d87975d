using System.Net;
using System.Security.Cryptography.X509Certificates;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>A running <c>slimtafast serve</c> whose mail goes to a <see cref="RecordingHop"/>, one message after the other.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly RunningProgram _program;
    private readonly RecordingHop _hop;
    private readonly IPEndPoint _endPoint;
    private readonly Cover _cover;
    private readonly TemporaryFolder _folder;
    private int _markers;
    private bool _needsProxyHeader;

    private ServerUnderTest(RunningProgram program, IPEndPoint endPoint, Cover cover, RecordingHop hop, TemporaryFolder folder)
    {
        _folder = folder;
        _program = program;
        _endPoint = endPoint;
        _cover = cover;
        _hop = hop;
    }

    /// <summary>Starts one.</summary>
    public static async Task<ServerUnderTest> StartAsync(Cover cover, bool offersTls, IReadOnlyList<string> options, IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<string, string> users, IReadOnlyList<string>? hopKeywords)
    {
        var hop = new RecordingHop(hopKeywords);
        var folder = new TemporaryFolder();
        string[] listener = ["--listen", cover == Cover.Tls ? "smtps://127.0.0.1:0" : "127.0.0.1:0"];
        if (cover != Cover.Plain || offersTls)
            listener = [.. listener, "--tls-cert", WriteCertificate(folder["mx.pem"])];
        try
        {
            foreach ((string name, string password) in users)
                await SlimtafastProgram.AddUserAsync(folder["users"], name, password);
            if (users.Count > 0)
                listener = [.. listener, "--users", folder["users"]];
            // One attempt at a time, so that the messages come in the order in which they were accepted.
            var settings = new Dictionary<string, string>(environment) { ["SLIMTAFAST__Tls__ReloadInterval"] = "1h", ["SLIMTAFAST__Queue__MaxAttempts"] = "1", ["SLIMTAFAST__Queue__HopInitialAttempts"] = "1" };
            (RunningProgram program, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
                settings,
                [
                    "serve", .. listener, "--storage", "memory:", "--relay", $"smtp://127.0.0.1:{hop.Port}?connections=1",
                    "--hostname", "mx.test", "--threads", "1", .. options,
                ]);
            return new ServerUnderTest(program, endPoint, cover, hop, folder) { _needsProxyHeader = options.Contains("--proxy-protocol") };
        }
        catch
        {
            await hop.DisposeAsync();
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => _endPoint;

    /// <summary>A new connection to it.</summary>
    public Task<DialoguePeer> ConnectAsync() => DialoguePeer.ConnectAsync(_endPoint, _cover, Patience);

    /// <summary>
    /// All messages that have come since the last call. A message of our own, sent last, tells when there are no more; that it comes
    /// also shows that the server still serves others.
    /// </summary>
    public async Task<IReadOnlyList<HopMessage>> TakeMessagesAsync()
    {
        string marker = $"marker-{++_markers}@client.test";
        await using (DialoguePeer client = await ConnectAsync())
        {
            if (_needsProxyHeader)
                await client.SendLineAsync("PROXY UNKNOWN");
            foreach (string line in new[] { "EHLO client.test", $"MAIL FROM:<{marker}>", "RCPT TO:<marker@hop.test>", "BDAT 14 LAST\r\nSubject: end\r\n", "QUIT" })
            {
                // The greeting answers nothing, the last command is answered by the end.
                Expect("2", await client.ReadReplyAsync(), client);
                if (line.StartsWith("BDAT", StringComparison.Ordinal))
                    await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(line), Fragmentation.Whole);
                else
                    await client.SendLineAsync(line);
            }

            Expect("221", await client.ReadReplyAsync(), client);
        }

        var messages = new List<HopMessage>();
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            HopMessage message = await _hop.Messages.ReadAsync(limit.Token);
            if (message.Commands[0].StartsWith($"MAIL FROM:<{marker}>", StringComparison.Ordinal))
                return messages;
            messages.Add(message);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        await _hop.DisposeAsync();
        _folder.Dispose();
    }

    private static string WriteCertificate(string file)
    {
        using var authority = new TestCertificates();
        using X509Certificate2 certificate = authority.Issue("mx.test");
        TestCertificates.WritePem(certificate, file);
        return file;
    }

    private static void Expect(string code, IReadOnlyList<string>? reply, DialoguePeer client) =>
        Assert.True(reply?[^1].StartsWith(code, StringComparison.Ordinal) == true, $"The server does not serve another client.\n{client.Transcript}");
}
