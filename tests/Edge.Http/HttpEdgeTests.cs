using System.Net;
using System.Net.Http.Headers;
using System.Text;
using SlimtaFast.Edge.Tests;
using SlimtaFast.Edge.Tests.Hooks;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Queue;
using SlimtaFast.Storage;

namespace SlimtaFast.Edge.Http.Tests;

/// <summary>What is taken, what is refused, and in which words.</summary>
public sealed class HttpEdgeTests
{
    private const string Message = "Subject: hi\r\n\r\nbody\r\n";

    [Fact]
    public async Task Message_is_queued_and_answered_204_with_the_reply()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue);
        HttpResponseMessage answer = await edge.PostAsync(Message, ["b@mine.test", "δ@παράδειγμα.δοκιμή"], r => r.Headers.Add("X-Ehlo", "client.test"));
        Assert.Equal((HttpStatusCode.NoContent, "250; message=\"2.0.0 Ok\""), (answer.StatusCode, Reply(answer)));
        (Envelope envelope, byte[] bytes) = Assert.Single(queue.Messages);
        Assert.Equal(Message, Encoding.UTF8.GetString(bytes));
        Assert.Equal("a@client.test", envelope.ReversePath.Address);
        Assert.Equal(["b@mine.test", "δ@παράδειγμα.δοκιμή"], envelope.Recipients.Select(r => r.Address.Address));
        Assert.True(envelope.SmtpUtf8);
        Assert.Equal(("HTTP", "client.test", "127.0.0.1", null), (envelope.Client.Protocol, envelope.Client.HelloName, envelope.Client.Address!.ToString(), envelope.Client.Tls));
    }

    [Fact]
    public async Task Missing_type_sender_and_hello_are_taken_as_python_slimta_takes_them()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue);
        HttpResponseMessage answer = await edge.PostAsync(Message, change: r =>
        {
            r.Content!.Headers.ContentType = null;
            r.Headers.Remove("X-Envelope-Sender");
        });
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Envelope envelope = Assert.Single(queue.Messages).Envelope;
        Assert.Equal((true, "[127.0.0.1]"), (envelope.ReversePath.IsNull, envelope.Client.HelloName));
    }

    [Theory]
    [InlineData("Subject: a\n\nb\nc", "Subject: a\r\n\r\nb\r\nc\r\n")]
    [InlineData("Subject: a\r\n\r\nb\rc\r\n", "Subject: a\r\n\r\nb\r\nc\r\n")]
    [InlineData("", "")]
    public async Task Line_ends_become_crlf(string sent, string queued)
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue);
        Assert.Equal(HttpStatusCode.NoContent, (await edge.PostAsync(sent)).StatusCode);
        Assert.Equal(queued, Encoding.UTF8.GetString(Assert.Single(queue.Messages).Bytes));
    }

    [Fact]
    public async Task Binary_message_stays_as_it_is()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue);
        await edge.PostAsync("a\nb\r\0", change: r => r.Headers.Add("X-Envelope-Parameters", "BODY=BINARYMIME"));
        Assert.Equal("a\nb\r\0", Encoding.UTF8.GetString(Assert.Single(queue.Messages).Bytes));
    }

    [Theory]
    [InlineData("/other", "POST", "message/rfc822", HttpStatusCode.NotFound)]
    [InlineData("/mail", "GET", null, HttpStatusCode.MethodNotAllowed)]
    [InlineData("/mail", "PUT", "message/rfc822", HttpStatusCode.MethodNotAllowed)]
    [InlineData("/mail", "POST", "text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("/mail", "POST", null, HttpStatusCode.LengthRequired)]
    public async Task Request_that_is_no_message_is_refused(string path, string method, string? type, HttpStatusCode status)
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, path: "/mail");
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(edge.Url, path));
        if (type is not null)
            request.Content = new StringContent(Message, null, new MediaTypeHeaderValue(type));
        if (status == HttpStatusCode.LengthRequired)
        {
            Assert.StartsWith("HTTP/1.1 411 ", await RawAsync(edge, "POST /mail HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
            return;
        }

        using HttpResponseMessage answer = await client.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
        if (status == HttpStatusCode.MethodNotAllowed)
            Assert.Equal(["POST"], answer.Content.Headers.Allow);
        Assert.Empty(queue.Messages);
    }

    [Theory]
    [InlineData("X-Envelope-Recipient", "***", HttpStatusCode.BadRequest, "501; message=\"5.1.3 X-Envelope-Recipient is not an address in base64\"")]
    [InlineData("X-Envelope-Recipient", "YmFkIGFkZHJlc3M=", HttpStatusCode.BadRequest, "501; message=\"5.1.3 Bad recipient address syntax\"")]
    [InlineData("X-Envelope-Recipient", "YUBiDQpSQ1BU", HttpStatusCode.BadRequest, "501; message=\"5.1.3 Bad recipient address syntax\"")]
    [InlineData("X-Envelope-Sender", "YmFk", HttpStatusCode.BadRequest, "501; message=\"5.1.7 Bad sender address syntax\"")]
    [InlineData("X-Envelope-Recipient", null, HttpStatusCode.UnprocessableEntity, "554; message=\"5.5.1 No valid recipients\"")]
    [InlineData("X-Ehlo", "bad name", HttpStatusCode.BadRequest, "501; message=\"5.5.2 Domain or address literal required\"")]
    [InlineData("X-Envelope-Parameters", "NONSENSE=1", HttpStatusCode.BadRequest, "555; message=\"5.5.4 Parameter not recognized\"")]
    [InlineData("X-Envelope-Parameters", "HOLDFOR=10", HttpStatusCode.BadRequest, "555; message=\"5.5.4 Parameter not recognized\"")]
    [InlineData("X-Envelope-Recipient-Parameters", "7 NOTIFY=NEVER", HttpStatusCode.BadRequest, "501; message=\"5.5.4 X-Envelope-Recipient-Parameters is not INDEX PARAMETERS of a recipient\"")]
    [InlineData("Authorization", "Digest x", HttpStatusCode.BadRequest, "501; message=\"5.5.2 Authorization is neither Basic nor Bearer\"")]
    public async Task Malformed_field_is_refused_for_good(string name, string? value, HttpStatusCode status, string reply)
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue);
        HttpResponseMessage answer = await edge.PostAsync(Message, change: r =>
        {
            r.Headers.Remove(name);
            if (value is not null)
                r.Headers.TryAddWithoutValidation(name, value);
        });
        Assert.Equal((status, reply), (answer.StatusCode, Reply(answer)));
        Assert.Empty(queue.Messages);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Message_that_is_too_big_is_refused_with_and_without_a_length(bool isChunked)
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, new SmtpEdgeOptions { Session = new SmtpServerOptions { MaxMessageSize = 1000 } });
        HttpResponseMessage answer = await edge.PostAsync(new string('x', 1001), change: r => r.Headers.TransferEncodingChunked = isChunked ? true : null);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "552; message=\"5.3.4 Message too big\""), (answer.StatusCode, Reply(answer)));
        Assert.Empty(queue.Messages);
        Assert.Equal(HttpStatusCode.NoContent, (await edge.PostAsync(new string('x', 998) + "\r\n", change: r => r.Headers.TransferEncodingChunked = isChunked ? true : null)).StatusCode);
    }

    [Fact]
    public async Task Stranger_may_send_to_accepted_domains_only()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, RunningHttpEdge.ForStrangers);
        Assert.Equal(HttpStatusCode.NoContent, (await edge.PostAsync(Message)).StatusCode);
        HttpResponseMessage answer = await edge.PostAsync(Message, ["x@far.test"]);
        Assert.Equal((HttpStatusCode.Forbidden, "550; message=\"5.7.1 Relaying denied\""), (answer.StatusCode, Reply(answer)));
        Assert.Single(queue.Messages);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "192.0.2.7")]
    [InlineData("Forwarded", "for=192.0.2.7")]
    [InlineData("Via", "1.1 proxy")]
    public async Task Trust_in_an_address_does_not_reach_through_a_proxy(string name, string value)
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue);
        Assert.Equal(HttpStatusCode.NoContent, (await edge.PostAsync(Message, ["x@far.test"])).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await edge.PostAsync(Message, ["x@far.test"], r => r.Headers.TryAddWithoutValidation(name, value))).StatusCode);
    }

    [Fact]
    public async Task No_field_takes_a_stranger_out_of_his_limits()
    {
        using var queue = new CollectingQueue();
        SmtpEdgeOptions options = RunningHttpEdge.ForStrangers with { Clients = new ClientLimits { MessagesPerMinute = 1 } };
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, options);
        Assert.Equal(HttpStatusCode.NoContent, (await edge.PostAsync(Message, change: Forwarded)).StatusCode);
        HttpResponseMessage second = await edge.PostAsync(Message, change: Forwarded);
        Assert.StartsWith("450;", Reply(second), StringComparison.Ordinal);

        static void Forwarded(HttpRequestMessage request) => request.Headers.TryAddWithoutValidation("X-Forwarded-For", "192.0.2.7");
    }

    [Fact]
    public async Task One_refused_recipient_refuses_the_message_of_a_client_that_reads_one_answer()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, RunningHttpEdge.ForStrangers);
        HttpResponseMessage answer = await edge.PostAsync(Message, ["b@mine.test", "x@far.test"]);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.False(answer.Headers.Contains("X-Smtp-Recipient-Reply"));
        Assert.Empty(queue.Messages);
    }

    [Fact]
    public async Task Client_that_reads_more_answers_has_one_for_each_recipient()
    {
        using var queue = new CollectingQueue { Answer = new EnqueueResult(new SmtpReply(451, "4.3.0", "Some failed"), [new SmtpReply(250, "2.0.0", "Ok"), new SmtpReply(451, "4.3.0", "Some failed")]) };
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, RunningHttpEdge.ForStrangers);
        HttpResponseMessage answer = await edge.PostAsync(Message, ["x@far.test", "b@mine.test", "c@mine.test"], r => r.Headers.Add("X-Envelope-Partial", "yes"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "451; message=\"4.3.0 Some failed\""), (answer.StatusCode, Reply(answer)));
        Assert.Equal(["0; 550; message=\"5.7.1 Relaying denied\"", "1; 250; message=\"2.0.0 Ok\""], answer.Headers.GetValues("X-Smtp-Recipient-Reply"));
        Assert.Equal(["b@mine.test", "c@mine.test"], Assert.Single(queue.Messages).Envelope.Recipients.Select(r => r.Address.Address));
    }

    [Theory]
    [InlineData(451, "4.3.0", HttpStatusCode.ServiceUnavailable)]
    [InlineData(421, "4.3.2", HttpStatusCode.ServiceUnavailable)]
    [InlineData(552, "5.3.4", HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(552, "5.2.2", HttpStatusCode.UnprocessableEntity)]
    [InlineData(554, "5.7.1", HttpStatusCode.Forbidden)]
    [InlineData(550, "5.1.1", HttpStatusCode.UnprocessableEntity)]
    public async Task Queue_decides_what_is_answered(int code, string status, HttpStatusCode expected)
    {
        using var queue = new CollectingQueue { Answer = new EnqueueResult(new SmtpReply(code, status, "No")) };
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue);
        HttpResponseMessage answer = await edge.PostAsync(Message);
        Assert.Equal((expected, $"{code}; message=\"{status} No\""), (answer.StatusCode, Reply(answer)));
    }

    [Fact]
    public async Task Answer_waits_for_the_queue()
    {
        var gate = new TaskCompletionSource();
        using var queue = new CollectingQueue { Gate = gate.Task };
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue);
        Task<HttpResponseMessage> posting = edge.PostAsync(Message);
        await queue.ArrivalAsync();
        Assert.False(posting.IsCompleted);
        gate.SetResult();
        Assert.Equal(HttpStatusCode.NoContent, (await posting).StatusCode);
    }

    [Fact]
    public async Task Medium_that_is_full_is_told_and_nothing_of_its_words()
    {
        using var queue = new CollectingQueue { SpillFailure = new StorageException(StorageFailure.Full, "/var/secret is full") };
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue);
        HttpResponseMessage answer = await edge.PostAsync(new string('x', 300_000));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "452; message=\"4.3.1 Insufficient system storage, try again later\""), (answer.StatusCode, Reply(answer)));
    }

    [Fact]
    public async Task Hooks_are_asked_as_in_a_session_and_a_fault_of_theirs_is_not_told()
    {
        using var queue = new CollectingQueue();
        var hook = new ScriptedHook();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, new SmtpEdgeOptions { Hooks = [hook] });
        await edge.PostAsync(Message, change: r => r.Headers.Add("X-Ehlo", "client.test"));
        Assert.Equal(SessionEndReason.Quit, await hook.Ended.Task);
        Assert.Equal(["connect", "hello client.test", "mail a@client.test", "rcpt b@mine.test", "data", $"message {Message.Length}", "queued 250 2.0.0 Ok", "disconnect"], hook.Calls);
        hook.Answers["rcpt"] = _ => ValueTask.FromResult(new SmtpReply(450, "4.2.0", "Greylisted"));
        Assert.Equal("450; message=\"4.2.0 Greylisted\"", Reply(await edge.PostAsync(Message)));
        hook.Answers["rcpt"] = _ => throw new InvalidOperationException("secret");
        HttpResponseMessage answer = await edge.PostAsync(Message);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "421; message=\"4.3.0 Internal error\""), (answer.StatusCode, Reply(answer)));
        hook.Answers["rcpt"] = session =>
        {
            session.Drop();
            return default;
        };
        await Assert.ThrowsAsync<HttpRequestException>(() => edge.PostAsync(Message));
        Assert.Single(queue.Messages);
    }

    [Fact]
    public async Task Rates_of_a_client_are_those_of_smtp()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, new SmtpEdgeOptions { Clients = new ClientLimits { MessagesPerMinute = 1 } });
        Assert.Equal(HttpStatusCode.NoContent, (await edge.PostAsync(Message)).StatusCode);
        Assert.Equal("450; message=\"4.7.1 Too many messages from your address, try again later\"", Reply(await edge.PostAsync(Message)));
    }

    internal static string Reply(HttpResponseMessage answer) => answer.Headers.GetValues("X-Smtp-Reply").Single();

    internal static async Task<string> RawAsync(RunningHttpEdge edge, string request)
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(edge.EndPoint);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(request));
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }
}
