using System.Net;
using System.Net.Http.Headers;
using System.Text;
using SlimtaFast.EndToEnd.Tests.Wire;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.EndToEnd.Tests.Observability;

/// <summary>The real executable with an admin listener, and a client of both its sides.</summary>
internal sealed class ObservedServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly IPEndPoint _smtp;
    private readonly HttpClient _http;

    private ObservedServer(RunningProgram program, IPEndPoint smtp, string admin)
    {
        Program = program;
        _smtp = smtp;
        _http = new HttpClient { BaseAddress = new Uri($"http://{admin}") };
    }

    public RunningProgram Program { get; }

    /// <summary>Starts <c>serve</c>, which keeps mail in memory, with further options; environment variables are its other keys.</summary>
    public static Task<ObservedServer> StartAsync(string relay, IReadOnlyDictionary<string, string>? keys = null, params string[] options) =>
        StartOnAsync("memory:", relay, keys, options);

    /// <summary>The same on another storage.</summary>
    public static async Task<ObservedServer> StartOnAsync(string storage, string relay, IReadOnlyDictionary<string, string>? keys = null, params string[] options)
    {
        Dictionary<string, string> environment = (keys ?? new Dictionary<string, string>()).ToDictionary(static key => "SLIMTAFAST__" + key.Key.Replace(":", "__", StringComparison.Ordinal), static key => key.Value);
        (RunningProgram program, IPEndPoint smtp) = await SlimtafastProgram.ListenAsync(
            environment, ["serve", "--listen", "127.0.0.1:0", "--storage", storage, "--relay", relay, "--threads", "1", "--admin", "127.0.0.1:0", .. options]);
        string line = await program.WaitForLineAsync(l => l.StartsWith("admin on ", StringComparison.Ordinal), Patience);
        return new ObservedServer(program, smtp, line["admin on ".Length..].Trim());
    }

    /// <summary>Asks the admin listener.</summary>
    public async Task<(HttpStatusCode Status, string Body)> AskAsync(string path, string? token = null, string? host = null, string? origin = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (host is not null)
            request.Headers.Host = host;
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        using HttpResponseMessage response = await _http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Asks until the answer is as wished, and returns it.</summary>
    public async Task<string> AskUntilAsync(string path, Func<HttpStatusCode, string, bool> isSo)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            (HttpStatusCode status, string body) = await AskAsync(path);
            if (isSo(status, body))
                return body;
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"{path} stays {status}:\n{body}");
        }
    }

    /// <summary>A client's connection, greeted and past its hello.</summary>
    public async Task<DialoguePeer> ConnectAsync()
    {
        DialoguePeer client = await DialoguePeer.ConnectAsync(_smtp, Cover.Plain, Patience);
        await client.ReadReplyAsync();
        await AnswerAsync(client, "EHLO client.test");
        return client;
    }

    /// <summary>Sends one message over a connection and returns the last answer.</summary>
    public static async Task<string> SendAsync(DialoguePeer client, string recipient)
    {
        await AnswerAsync(client, "MAIL FROM:<alice@client.test>");
        string answer = await AnswerAsync(client, $"RCPT TO:<{recipient}>");
        if (!answer.StartsWith("250", StringComparison.Ordinal))
            return answer;
        Assert.StartsWith("354", await AnswerAsync(client, "DATA"), StringComparison.Ordinal);
        await client.SendAsync(Encoding.ASCII.GetBytes("Subject: seen\r\n\r\nbody\r\n"), Fragmentation.Whole);
        return await AnswerAsync(client, ".");
    }

    public static async Task<string> AnswerAsync(DialoguePeer client, string command)
    {
        await client.SendLineAsync(command);
        return (await client.ReadReplyAsync())![^1];
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Program.DisposeAsync();
    }
}
