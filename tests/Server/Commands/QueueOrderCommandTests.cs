using System.Net;
using System.Net.Sockets;
using SlimtaFast.Server.Commands;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Server.Tests.Commands;

public sealed class QueueOrderCommandTests
{
    private const string Id = "0197a8c3f1e27d4c8b5a6f0e9d3c2b1a";

    [Theory]
    [InlineData("ids, a filter or --all", "queue", "remove")]
    [InlineData("only one of these", "queue", "hold", Id, "--all")]
    [InlineData("only one of these", "queue", "release", Id, "--sender", "x")]
    [InlineData("either --to or --own-route", "queue", "reroute", Id)]
    [InlineData("either --to or --own-route", "queue", "reroute", Id, "--to", "x.example", "--own-route")]
    [InlineData("ids, a filter or --all", "queue", "reroute", "--to", "x.example")]
    [InlineData("--older-than: 'long' is not a time", "queue", "retry", "--older-than", "long")]
    [InlineData("--admin: 'ftp://x' is not", "queue", "list", "--sender", "@example.com", "--admin", "ftp://x")]
    [InlineData("--admin: 'ftp://x' is not", "queue", "list", "--admin", "ftp://x")]
    [InlineData("--most: at least 1", "queue", "list", "--most", "0")]
    [InlineData("--token-file:", "queue", "stats", "--token-file", "/nowhere/token")]
    [InlineData("one at a time", "queue", "hops", "--suspend", "a", "--resume", "b")]
    public async Task Mistake_is_told(string reason, params string[] arguments)
    {
        (int code, _, string error) = await RunAsync(arguments);
        Assert.Equal(2, code);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_is_not_there_is_told_in_one_line()
    {
        (int code, _, string error) = await RunAsync(["queue", "list", "--admin", $"http://127.0.0.1:{RunningProgram.FreePort()}"]);
        Assert.Equal(1, code);
        Assert.Equal(1, error.Count(static letter => letter == '\n'));
        Assert.StartsWith("slimtafast: http://127.0.0.1:", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>", 1, "no admin listener of slimtafast")]
    [InlineData("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", 2, "--token-file: the server wants its token")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 2, "it has no such thing")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 1, "the server answers 302")]
    [InlineData("HTTP/1.1 503 No\r\nContent-Length: 23\r\n\r\n{\"detail\":\"a\\u001b[2Jb\"}", 1, @"the server answers 503 a\u{1B}[2Jb")]
    public async Task Answer_that_is_none_is_told_in_one_line(string answer, int expected, string reason)
    {
        answer = answer.Replace("Content-Length: 23", $"Content-Length: {answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..].Length}", StringComparison.Ordinal);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task answering = AnswerAsync(listener, answer);
        (int code, _, string error) = await RunAsync(["queue", "stats", "--admin", $"http://{listener.LocalEndpoint}"]);
        await answering;
        Assert.Equal(expected, code);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_has_examples()
    {
        foreach (string command in new[] { "list", "show", "retry", "hold", "release", "reroute", "remove", "hops", "stats" })
        {
            (int code, string output, _) = await RunAsync(["queue", command, "--help"]);
            Assert.Equal(0, code);
            Assert.Contains("--admin", output, StringComparison.Ordinal);
            Assert.Contains("--token-file", output, StringComparison.Ordinal);
        }
    }

    private static async Task AnswerAsync(TcpListener listener, string answer)
    {
        using Socket socket = await listener.AcceptSocketAsync();
        byte[] request = new byte[4096];
        Assert.NotEqual(0, await socket.ReceiveAsync(request));
        await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(answer));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandLine.RunAsync(arguments, output, error, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        return (code, output.ToString(), error.ToString());
    }
}
