using System.Net;
using System.Text;
using SlimtaFast.EndToEnd.Tests.Wire;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.EndToEnd.Tests.Page;

/// <summary>The real server with the page.</summary>
internal sealed class PagedServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly RunningProgram _program;

    private PagedServer(RunningProgram program, IPEndPoint smtp, string address)
    {
        _program = program;
        Smtp = smtp;
        Address = address;
    }

    public IPEndPoint Smtp { get; }

    /// <summary>Where the page is.</summary>
    public string Address { get; }

    public static async Task<PagedServer> StartAsync(string storage, string relay, string? tokenFile = null)
    {
        var environment = new Dictionary<string, string>();
        if (tokenFile is not null)
            environment["SLIMTAFAST__Admin__TokenFile"] = tokenFile;
        (RunningProgram program, IPEndPoint smtp) = await SlimtafastProgram.ListenAsync(
            Patience, environment, "serve", "--listen", "127.0.0.1:0", "--storage", storage, "--relay", relay, "--threads", "1", "--admin", "127.0.0.1:0");
        string line = await program.WaitForLineAsync(static l => l.StartsWith("admin on ", StringComparison.Ordinal), Patience);
        return new PagedServer(program, smtp, $"http://{line["admin on ".Length..].Trim()}");
    }

    /// <summary>Hands a message in, and returns its queue id.</summary>
    public async Task<string> SendAsync(string from, string to, string header = "Subject: seen\r\n")
    {
        await using DialoguePeer client = await DialoguePeer.ConnectAsync(Smtp, Cover.Plain, Patience);
        await client.ReadReplyAsync();
        await AnswerAsync(client, "EHLO client.test", "250");
        await AnswerAsync(client, $"MAIL FROM:<{from}> SMTPUTF8", "250");
        await AnswerAsync(client, $"RCPT TO:<{to}>", "250");
        await AnswerAsync(client, "DATA", "354");
        await client.SendAsync(Encoding.UTF8.GetBytes(header + "\r\nbody\r\n"), Fragmentation.Whole);
        return (await AnswerAsync(client, ".", "250"))[^32..];
    }

    /// <summary>Asks the API what it knows of a message; null where it is not in the queue.</summary>
    public async Task<string?> ShowAsync(string id)
    {
        using var http = new HttpClient();
        using HttpResponseMessage answer = await http.GetAsync(new Uri($"{Address}/api/v1/messages/{id}"));
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Stops it; the page stays open.</summary>
    public Task StopAsync() => _program.StopAsync();

    public ValueTask DisposeAsync() => _program.DisposeAsync();

    private static async Task<string> AnswerAsync(DialoguePeer client, string command, string expected)
    {
        await client.SendLineAsync(command);
        string answer = (await client.ReadReplyAsync())![^1];
        Assert.StartsWith(expected, answer, StringComparison.Ordinal);
        return answer;
    }
}
