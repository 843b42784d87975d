using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using SlimtaFast.Edge.Tests;

namespace SlimtaFast.Edge.Http.Tests;

/// <summary>Connections: too many, too slow, gone half-way, and the server's stop; and who authenticates on them.</summary>
public sealed class ConnectionTests
{
    private const string Message = "Subject: hi\r\n\r\nbody\r\n";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string Head = $"POST /mail HTTP/1.1\r\nHost: x\r\nContent-Type: message/rfc822\r\nX-Envelope-Sender: {RunningHttpEdge.Encode("a@client.test")}\r\nX-Envelope-Recipient: {RunningHttpEdge.Encode("b@mine.test")}\r\n";

    [Fact]
    public async Task Connection_beyond_the_limit_is_told_so_and_the_others_go_on()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, new SmtpEdgeOptions { MaxConnections = 1 });
        using TcpClient first = await ConnectAsync(edge);
        await BeginAsync(first, "Content-Length: 10\r\n\r\n");
        string refusal = await HttpEdgeTests.RawAsync(edge, Head + "Content-Length: 0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 503 ", refusal, StringComparison.Ordinal);
        Assert.Contains("X-Smtp-Reply: 421; message=\"4.3.2 Too many connections", refusal, StringComparison.Ordinal);
        await SendAsync(first, "1234567890");
        Assert.StartsWith("HTTP/1.1 204 ", await ReadLineAsync(first), StringComparison.Ordinal);
        Assert.Single(queue.Messages);
    }

    [Fact]
    public async Task Client_that_sends_too_slowly_is_cut()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, http: new HttpEdgeOptions { MinDataRate = 10_000, DataRateGrace = TimeSpan.FromMilliseconds(1100) });
        using TcpClient client = await ConnectAsync(edge);
        await SendAsync(client, Head + "Content-Length: 100000\r\n\r\nSubject");
        string answer = await ReadToEndAsync(client);
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("X-Smtp-Reply: 421; message=\"4.4.2 Too slow\"", answer, StringComparison.Ordinal);
        Assert.Empty(queue.Messages);
    }

    [Fact]
    public async Task Head_that_never_ends_is_cut()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, http: new HttpEdgeOptions { HeaderTimeout = TimeSpan.FromSeconds(1) });
        using TcpClient client = await ConnectAsync(edge);
        await SendAsync(client, "POST /mail HTTP/1.1\r\nHost:");
        Assert.StartsWith("HTTP/1.1 408 ", await ReadToEndAsync(client), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Accept-Encoding: identity\r\n", true)]
    [InlineData("Accept-Encoding: identity\r\nUser-Agent: x\r\n", false)]
    [InlineData("Accept-Encoding: identity\r\nX-Envelope-Partial: yes\r\n", false)]
    [InlineData("Accept-Encoding: gzip\r\n", false)]
    [InlineData("", false)]
    public async Task Connection_of_python_slimtas_relay_is_closed_because_it_cannot_use_it_again(string fields, bool closes)
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue);
        using TcpClient client = await ConnectAsync(edge);
        string request = Head + fields + "Content-Length: 4\r\n";
        await SendAsync(client, request + "\r\nx\r\n\n" + (closes ? "" : request + "Connection: close\r\n\r\nx\r\n\n"));
        string answers = await ReadToEndAsync(client);
        Assert.Equal(closes ? 1 : 2, answers.Split("HTTP/1.1 204 ").Length - 1);
        Assert.Equal(closes ? 1 : 2, queue.Messages.Count);
    }

    [Fact]
    public async Task Head_that_is_too_large_is_refused()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, http: new HttpEdgeOptions { MaxHeaderOctets = 8192 });
        Assert.StartsWith("HTTP/1.1 431 ", await HttpEdgeTests.RawAsync(edge, Head + "X-More: " + new string('x', 9000) + "\r\n\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 100\r\n\r\n", "Subject: torn\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n", "11\r\nSubject: torn\r\n\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n", "20\r\nSubject: torn\r\n\r\n\r\n")]
    public async Task Message_that_ends_half_way_is_never_queued(string headerEnd, string part)
    {
        using var queue = new CollectingQueue();
        await using (RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue))
        {
            using TcpClient client = await ConnectAsync(edge);
            await BeginAsync(client, headerEnd);
            await SendAsync(client, part);
            NetworkStream stream = client.GetStream();
            client.Client.Shutdown(SocketShutdown.Send);
            try
            {
                await stream.CopyToAsync(Stream.Null).WaitAsync(Patience);
            }
            catch (IOException)
            {
                // The server has cut it, as it may.
            }
        }

        Assert.Empty(queue.Messages);
    }

    [Fact]
    public async Task Malformed_chunk_is_refused()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue);
        Assert.StartsWith("HTTP/1.1 400 ", await HttpEdgeTests.RawAsync(edge, Head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), StringComparison.Ordinal);
        Assert.Empty(queue.Messages);
    }

    [Fact]
    public async Task Expectation_is_met_only_where_the_envelope_is_good()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, RunningHttpEdge.ForStrangers);
        using TcpClient good = await ConnectAsync(edge);
        await BeginAsync(good, "Content-Length: 4\r\n\r\n");
        await SendAsync(good, "x\r\n\n");
        using TcpClient bad = await ConnectAsync(edge);
        await SendAsync(bad, Head.Replace(RunningHttpEdge.Encode("b@mine.test"), RunningHttpEdge.Encode("x@far.test"), StringComparison.Ordinal) + "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", await ReadLineAsync(bad), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stop_of_either_edge_lets_a_transaction_finish(bool byHttp)
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue);
        using TcpClient client = await ConnectAsync(edge);
        await BeginAsync(client, "Content-Length: 10\r\n\r\n");
        Task stopping = byHttp ? edge.Http.StopAsync() : edge.Smtp.StopAsync();
        Assert.False(stopping.IsCompleted);
        await SendAsync(client, "0123456\r\n\n");
        Assert.Contains("HTTP/1.1 204 ", await ReadToEndAsync(client), StringComparison.Ordinal);
        await stopping.WaitAsync(Patience);
        Assert.Single(queue.Messages);
    }

    [Fact]
    public async Task Stop_that_waits_no_longer_cuts_a_transaction()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue);
        using TcpClient client = await ConnectAsync(edge);
        await BeginAsync(client, "Content-Length: 10\r\n\r\n");
        using var giveUp = new CancellationTokenSource();
        Task stopping = edge.Smtp.StopAsync(giveUp.Token);
        await giveUp.CancelAsync();
        await stopping.WaitAsync(Patience);
        Assert.Empty(queue.Messages);
    }

    [Theory]
    [InlineData("alice:secret", "Basic", HttpStatusCode.NoContent, "250")]
    [InlineData("alice:wrong", "Basic", HttpStatusCode.Unauthorized, "535")]
    [InlineData("nobody:secret", "Basic", HttpStatusCode.Unauthorized, "535")]
    [InlineData("good", "Bearer", HttpStatusCode.NoContent, "250")]
    [InlineData("bad", "Bearer", HttpStatusCode.Unauthorized, "535")]
    [InlineData(null, null, HttpStatusCode.Forbidden, "550")]
    public async Task Who_authenticates_may_send_anywhere(string? shown, string? scheme, HttpStatusCode status, string code)
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, RunningHttpEdge.ForStrangers with { Auth = Auth });
        HttpResponseMessage answer = await edge.PostAsync(Message, ["x@far.test"], r => Show(r, scheme, shown));
        Assert.Equal((status, code), (answer.StatusCode, HttpEdgeTests.Reply(answer)[..3]));
        if (status == HttpStatusCode.Unauthorized)
            Assert.Equal(["Basic", "Bearer"], answer.Headers.WwwAuthenticate.Select(w => w.Scheme));
        if (status == HttpStatusCode.NoContent)
            Assert.Equal("alice", Assert.Single(queue.Messages).Envelope.Client.Identity);
        else
            Assert.Empty(queue.Messages);
    }

    [Fact]
    public async Task Secrets_in_clear_are_refused_unless_allowed_and_strangers_where_users_are_required()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge safe = await RunningHttpEdge.StartAsync(queue, new SmtpEdgeOptions { Auth = Auth with { AllowPlaintext = false } });
        Assert.StartsWith("538;", HttpEdgeTests.Reply(await safe.PostAsync(Message, change: r => Show(r, "Basic", "alice:secret"))), StringComparison.Ordinal);
        await using RunningHttpEdge strict = await RunningHttpEdge.StartAsync(queue, new SmtpEdgeOptions { Auth = Auth with { Required = true } });
        HttpResponseMessage answer = await strict.PostAsync(Message);
        Assert.Equal((HttpStatusCode.Unauthorized, "530; message=\"5.7.0 Authentication required\""), (answer.StatusCode, HttpEdgeTests.Reply(answer)));
    }

    private static EdgeAuthOptions Auth { get; } = new() { Store = new OneUser(), Tokens = new OneToken(), AllowPlaintext = true, FailureDelay = TimeSpan.FromMilliseconds(1) };

    private static void Show(HttpRequestMessage request, string? scheme, string? shown)
    {
        if (scheme is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue(scheme, scheme == "Basic" ? RunningHttpEdge.Encode(shown!) : shown);
    }

    private static async Task<TcpClient> ConnectAsync(RunningHttpEdge edge)
    {
        var client = new TcpClient();
        await client.ConnectAsync(edge.EndPoint);
        return client;
    }

    /// <summary>Sends the head of a request and waits until the edge asks for its body: its connection is counted then.</summary>
    private static async Task BeginAsync(TcpClient client, string headerEnd)
    {
        await SendAsync(client, Head + "Expect: 100-continue\r\n" + headerEnd);
        Assert.StartsWith("HTTP/1.1 100 ", await ReadLineAsync(client), StringComparison.Ordinal);
        Assert.Equal("\r", await ReadLineAsync(client));
    }

    private static async Task SendAsync(TcpClient client, string text) => await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));

    private static async Task<string> ReadLineAsync(TcpClient client)
    {
        var line = new StringBuilder();
        byte[] one = new byte[1];
        while (await client.GetStream().ReadAsync(one).AsTask().WaitAsync(Patience) == 1 && one[0] != '\n')
            line.Append((char)one[0]);
        return line.ToString();
    }

    private static async Task<string> ReadToEndAsync(TcpClient client)
    {
        using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
        return await reader.ReadToEndAsync().WaitAsync(Patience);
    }

    private sealed class OneUser : ICredentialStore
    {
        public CredentialAbilities Abilities => CredentialAbilities.CheckPassword;

        public ValueTask<string?> CheckPasswordAsync(string userName, string password, CancellationToken cancellationToken) =>
            ValueTask.FromResult(userName == "alice" && password == "secret" ? "alice" : null);
    }

    private sealed class OneToken : ITokenValidator
    {
        public ValueTask<TokenVerdict> ValidateAsync(string token, CancellationToken cancellationToken) =>
            ValueTask.FromResult(token == "good" ? TokenVerdict.Accept("alice") : TokenVerdict.Reject("it is bad"));
    }
}
