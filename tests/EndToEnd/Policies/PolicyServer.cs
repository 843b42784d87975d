using System.Net;
using System.Text;
using SlimtaFast.EndToEnd.Tests.Wire;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.EndToEnd.Tests.Policies;

/// <summary>The real executable with a configuration file, in a folder of the test's.</summary>
internal sealed class PolicyServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly IPEndPoint _endPoint;

    private PolicyServer(RunningProgram program, IPEndPoint endPoint)
    {
        Program = program;
        _endPoint = endPoint;
    }

    public RunningProgram Program { get; }

    /// <summary>Starts it with this JSON for the key Policies.</summary>
    public static async Task<PolicyServer> StartAsync(TemporaryFolder folder, string policies, string relay, string storage = "memory:")
    {
        await File.WriteAllTextAsync(folder["slimtafast.json"], $"{{ \"HostName\": \"mx.ours.test\", \"Policies\": {policies} }}");
        (RunningProgram program, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
            "serve", "--config", folder["slimtafast.json"], "--listen", "127.0.0.1:0", "--storage", storage, "--relay", relay, "--threads", "1");
        return new PolicyServer(program, endPoint);
    }

    /// <summary>Sends a message, which must have no line that starts with a dot, and returns the answer to its end.</summary>
    public async Task<string> SendAsync(ReadOnlyMemory<byte> message, params string[] recipients)
    {
        await using DialoguePeer client = await DialoguePeer.ConnectAsync(_endPoint, Cover.Plain, Patience);
        await client.ReadReplyAsync();
        foreach (string command in (string[])["EHLO client.test", "MAIL FROM:<alice@client.test>", .. recipients.Select(r => $"RCPT TO:<{r}>")])
            Assert.StartsWith("250", await AnswerAsync(client, command), StringComparison.Ordinal);
        Assert.StartsWith("354", await AnswerAsync(client, "DATA"), StringComparison.Ordinal);
        await client.SendAsync(message, Fragmentation.Whole);
        return await AnswerAsync(client, ".");
    }

    public Task<string> SendAsync(string message, params string[] recipients) => SendAsync(Encoding.UTF8.GetBytes(message), recipients);

    public ValueTask DisposeAsync() => Program.DisposeAsync();

    private static async Task<string> AnswerAsync(DialoguePeer client, string command)
    {
        await client.SendLineAsync(command);
        return (await client.ReadReplyAsync())![^1];
    }
}
