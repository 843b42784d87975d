using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using SlimtaFast.EndToEnd.Tests.Sharing;
using SlimtaFast.EndToEnd.Tests.Wire;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.EndToEnd.Tests.Administration;

/// <summary>The real server with an admin listener and a next hop that nobody is at, and its operator.</summary>
internal sealed class OperatedServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder;
    private readonly IReadOnlyList<(string Domain, string Relay)> _routes;
    private readonly string _storage;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private RunningProgram? _program;
    private IPEndPoint? _smtp;
    private string _admin = "";

    private OperatedServer(TemporaryFolder folder, IReadOnlyList<(string Domain, string Relay)> routes, ISharedBackend? backend, int? hop)
    {
        _folder = folder;
        _routes = routes;
        _storage = backend?.Storage ?? "disk:" + folder["spool"];
        _settings = backend?.Settings ?? new Dictionary<string, string>();
        Hop = new IPEndPoint(IPAddress.Loopback, hop ?? RunningProgram.FreePort());
    }

    /// <summary>Where the next hop would be.</summary>
    public IPEndPoint Hop { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="folder">Where its files are.</param>
    /// <param name="token">What its operator has to know.</param>
    /// <param name="routes">Its routes; null for none.</param>
    /// <param name="backend">A storage that it shares with others; null for one of its own.</param>
    /// <param name="hop">The port of a next hop that is there; null for one where nobody is.</param>
    public static async Task<OperatedServer> StartAsync(
        TemporaryFolder folder, string token, IReadOnlyList<(string Domain, string Relay)>? routes = null, ISharedBackend? backend = null, int? hop = null)
    {
        await File.WriteAllTextAsync(folder["token"], token + "\n");
        var server = new OperatedServer(folder, routes ?? [], backend, hop);
        await server.StartAsync();
        return server;
    }

    /// <summary>Hands a message in, and returns its queue id.</summary>
    public async Task<string> SendAsync(string from, string to, string header = "Subject: seen\r\n")
    {
        await using DialoguePeer client = await DialoguePeer.ConnectAsync(_smtp!, Cover.Plain, Patience);
        await client.ReadReplyAsync();
        await AnswerAsync(client, "EHLO client.test", "250");
        await AnswerAsync(client, $"MAIL FROM:{(from == "<>" ? from : $"<{from}>")} SMTPUTF8", "250");
        await AnswerAsync(client, $"RCPT TO:<{to}>", "250");
        await AnswerAsync(client, "DATA", "354");
        await client.SendAsync(Encoding.UTF8.GetBytes(header + "\r\nbody\r\n"), Fragmentation.Whole);
        string answer = await AnswerAsync(client, ".", "250");
        return answer[^32..];
    }

    /// <summary>Runs <c>slimtafast queue</c> with the right token; its output without the last line end.</summary>
    public Task<(int Code, string Output)> QueueAsync(params string[] arguments) => RunAsync(_folder["token"], arguments);

    /// <summary>The same with a token of one's choice.</summary>
    public async Task<(int Code, string Output)> RunAsync(string tokenFile, params string[] arguments)
    {
        (int code, string output) = await RunningProgram.RunAsync(SlimtafastProgram.Path, ["queue", .. arguments, "--admin", $"http://{_admin}", "--token-file", tokenFile]);
        return (code, output.TrimEnd('\n'));
    }

    /// <summary>Asks until the answer is as wished.</summary>
    public async Task<string> QueueUntilAsync(Func<string, bool> isSo, params string[] arguments)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            (_, string output) = await QueueAsync(arguments);
            if (isSo(output))
                return output;
            if (limit.IsCancellationRequested)
                throw new TimeoutException(output);
        }
    }

    /// <summary>Sends an order by HTTP.</summary>
    public async Task<HttpStatusCode> PostAsync(string path, string body, string contentType, string? token, string? origin = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{_admin}/api/v1/{path}") { Content = new StringContent(body, Encoding.UTF8, contentType) };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        using HttpResponseMessage response = await http.SendAsync(request);
        return response.StatusCode;
    }

    /// <summary>Ends the server as a crash does, and starts it on the same spool.</summary>
    public async Task RestartByKillAsync()
    {
        _program!.Kill();
        await _program.WaitForExitAsync(Patience);
        await _program.DisposeAsync();
        await StartAsync();
        await QueueUntilAsync(static stats => stats.Contains("loading: False", StringComparison.OrdinalIgnoreCase), "stats");
    }

    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
            await _program.DisposeAsync();
    }

    private async Task StartAsync()
    {
        var environment = new Dictionary<string, string>(_settings) { ["SLIMTAFAST__Admin__TokenFile"] = _folder["token"] };
        for (int i = 0; i < _routes.Count; i++)
        {
            environment[$"SLIMTAFAST__Routes__{i}__Domains__0"] = _routes[i].Domain;
            environment[$"SLIMTAFAST__Routes__{i}__Relay"] = _routes[i].Relay;
        }

        (_program, _smtp) = await SlimtafastProgram.ListenAsync(
            environment,
            "serve", "--listen", "127.0.0.1:0", "--storage", _storage, "--threads", "1", "--admin", "127.0.0.1:0",
            "--relay", string.Create(CultureInfo.InvariantCulture, $"smtp://127.0.0.1:{Hop.Port}"));
        string line = await _program.WaitForLineAsync(static l => l.StartsWith("admin on ", StringComparison.Ordinal), Patience);
        _admin = line["admin on ".Length..].Trim();
    }

    private static async Task<string> AnswerAsync(DialoguePeer client, string command, string expected)
    {
        await client.SendLineAsync(command);
        string answer = (await client.ReadReplyAsync())![^1];
        Assert.StartsWith(expected, answer, StringComparison.Ordinal);
        return answer;
    }
}
