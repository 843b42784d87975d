using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Http;

namespace SlimtaFast.Relay.Tests.Http;

/// <summary>Servers that fail: every attempt ends, says whether the message may have arrived, and nothing is sent twice by itself.</summary>
public sealed class HttpFaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Silence_after_the_body_is_transient_and_possibly_delivered()
    {
        var received = new TaskCompletionSource();
        await using var server = new RawHttpServer(async connection =>
        {
            await connection.ReadRequestAsync();
            received.SetResult();
            await connection.WaitForEndAsync();
        });
        DeliveryReport report = await TimeOutAsync(server, received.Task);
        Assert.Equal((OutcomeKind.Transient, HopCondition.Busy, true), (report.Outcomes[0].Kind, report.Hop, report.PossiblyDelivered));
        Assert.Equal("451 4.4.2 The next hop did not answer in time (answer to the message)", report.Outcomes[0].Reply.ToString());
        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task Silence_before_the_end_of_the_body_is_not_possibly_delivered()
    {
        var received = new TaskCompletionSource();
        await using var server = new RawHttpServer(async connection =>
        {
            await connection.ReadHeadAsync();
            received.SetResult();
            await connection.StallAsync();
        });
        // More than socket buffers hold.
        var content = new StreamedContent(new byte[64 * 1024 * 1024]);
        DeliveryReport report = await TimeOutAsync(server, received.Task, content, new HttpRelayOptions { ExpectContinueFrom = long.MaxValue });
        Assert.Equal((OutcomeKind.Transient, false), (report.Outcomes[0].Kind, report.PossiblyDelivered));
    }

    [Theory]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Con")]
    [InlineData("HTTP/1.1 204 No Content\r\nX-Smtp-Reply: 250; mess")]
    public async Task Answer_that_never_ends_is_cut_at_the_time_limit(string begun)
    {
        var received = new TaskCompletionSource();
        await using var server = new RawHttpServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(begun);
            received.SetResult();
            await connection.WaitForEndAsync();
        });
        DeliveryReport report = await TimeOutAsync(server, received.Task);
        Assert.Equal((OutcomeKind.Transient, true), (report.Outcomes[0].Kind, report.PossiblyDelivered));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 204 No Content\r\n")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    public async Task Loss_before_the_answer_is_transient_possibly_delivered_and_not_repeated(string begun)
    {
        int requests = 0;
        await using var server = new RawHttpServer(async connection =>
        {
            await connection.ReadRequestAsync();
            Interlocked.Increment(ref requests);
            await connection.SendAsync(begun);
        });
        DeliveryReport report = await SendAsync(server.Url);
        Assert.Equal((OutcomeKind.Transient, HopCondition.Up, true), (report.Outcomes[0].Kind, report.Hop, report.PossiblyDelivered));
        Assert.Equal(1, requests);
    }

    [Fact]
    public async Task Loss_on_a_connection_that_served_before_is_not_repeated_either()
    {
        int requests = 0;
        await using var server = new RawHttpServer(async connection =>
        {
            for (int i = 0; i < 2; i++)
            {
                await connection.ReadRequestAsync();
                if (Interlocked.Increment(ref requests) == 1)
                    await connection.SendAsync("HTTP/1.1 204 No Content\r\n\r\n");
            }
        });
        await using var relay = new HttpRelay(server.Url);
        Assert.Equal(OutcomeKind.Delivered, (await HttpRelayTests.SendAsync(relay)).Outcomes[0].Kind);
        DeliveryReport lost = await HttpRelayTests.SendAsync(relay);
        Assert.Equal((OutcomeKind.Transient, true), (lost.Outcomes[0].Kind, lost.PossiblyDelivered));
        Assert.Equal((2, 1), (requests, server.Accepted));
    }

    [Fact]
    public async Task Reset_in_the_middle_of_the_body_is_transient_and_not_possibly_delivered()
    {
        await using var server = new RawHttpServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.ReadBodyAsync(1000);
            connection.Reset();
        });
        DeliveryReport report = await SendAsync(server.Url, new StreamedContent(new byte[64 * 1024 * 1024]), new HttpRelayOptions { ExpectContinueFrom = long.MaxValue });
        Assert.Equal((OutcomeKind.Transient, false), (report.Outcomes[0].Kind, report.PossiblyDelivered));
    }

    [Theory]
    [InlineData("220 mx.example ESMTP\r\n")]
    [InlineData("\0\0\0\0\r\n\r\n")]
    [InlineData("HTTP/9.9 abc\r\n\r\n")]
    [InlineData("HTTP/1.1 99999 x\r\n\r\n")]
    public async Task Garbage_is_transient(string garbage)
    {
        await using RawHttpServer server = RawHttpServer.Answering(garbage);
        DeliveryReport report = await SendAsync(server.Url);
        Assert.Equal((OutcomeKind.Transient, true), (report.Outcomes[0].Kind, report.PossiblyDelivered));
    }

    [Fact]
    public async Task Endless_header_is_cut()
    {
        await using var server = new RawHttpServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 204 No Content\r\n");
            while (true)
                await connection.SendAsync("X-More: " + new string('x', 1000) + "\r\n");
        });
        Assert.Equal(OutcomeKind.Transient, (await SendAsync(server.Url).WaitAsync(Patience)).Outcomes[0].Kind);
    }

    [Fact]
    public async Task Endless_body_does_not_hold_up_the_outcome_and_is_not_read()
    {
        var ended = new TaskCompletionSource();
        await using var server = new RawHttpServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            try
            {
                while (true)
                    await connection.SendAsync("1000\r\n" + new string('x', 4096) + "\r\n");
            }
            catch (IOException)
            {
                ended.SetResult();
            }
        });
        await using var relay = new HttpRelay(server.Url);
        Assert.Equal(OutcomeKind.Delivered, (await HttpRelayTests.SendAsync(relay).WaitAsync(Patience)).Outcomes[0].Kind);
        await ended.Task.WaitAsync(Patience);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Redirect_is_never_followed(int status)
    {
        await using RawHttpServer elsewhere = RawHttpServer.Answering("HTTP/1.1 204 No Content\r\n\r\n");
        await using RawHttpServer server = RawHttpServer.Answering($"HTTP/1.1 {status} Moved\r\nLocation: {elsewhere.Url}\r\nContent-Length: 0\r\n\r\n");
        DeliveryReport report = await SendAsync(server.Url);
        Assert.Equal(OutcomeKind.Transient, report.Outcomes[0].Kind);
        Assert.Contains($"redirects to {elsewhere.Url}", report.Outcomes[0].Reply.Text, StringComparison.Ordinal);
        Assert.Equal(0, elsewhere.Accepted);
    }

    [Fact]
    public async Task Nobody_listening_means_that_the_hop_is_down()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        listener.Stop();
        DeliveryReport report = await SendAsync(url).WaitAsync(Patience);
        Assert.Equal((OutcomeKind.Transient, HopCondition.Down, false), (report.Outcomes[0].Kind, report.Hop, report.PossiblyDelivered));
        Assert.StartsWith("451 4.4.1 Connecting to 127.0.0.1:", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_host_means_that_the_hop_is_down()
    {
        DeliveryReport report = await SendAsync(new Uri("http://nowhere.invalid/")).WaitAsync(Patience);
        Assert.Equal((OutcomeKind.Transient, HopCondition.Down), (report.Outcomes[0].Kind, report.Hop));
    }

    [Fact]
    public async Task Server_without_tls_means_that_the_hop_is_down()
    {
        await using var server = new RawHttpServer(connection => connection.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"));
        DeliveryReport report = await SendAsync(new UriBuilder(server.Url) { Scheme = "https" }.Uri).WaitAsync(Patience);
        Assert.Equal((OutcomeKind.Transient, HopCondition.Down, false), (report.Outcomes[0].Kind, report.Hop, report.PossiblyDelivered));
        Assert.StartsWith("451 4.7.5 TLS with", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_message_is_announced_and_a_refusal_saves_sending_it()
    {
        await using var server = new RawHttpServer(async connection =>
        {
            RawHttpRequest? head = await connection.ReadHeadAsync();
            await connection.SendAsync(head?["Expect"] == "100-continue"
                ? "HTTP/1.1 413 Too Large\r\nX-Smtp-Reply: 552; message=\"5.3.4 Message too big\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                : "HTTP/1.1 500 No Expectation\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        });
        var content = new StreamedContent(new byte[2 * 1024 * 1024]);
        DeliveryReport report = await SendAsync(server.Url, content);
        Assert.Equal((OutcomeKind.Permanent, "552 5.3.4 Message too big"), (report.Outcomes[0].Kind, report.Outcomes[0].Reply.ToString()));
        Assert.Equal(0, content.OctetsRead);
    }

    [Fact]
    public async Task Server_that_knows_no_expectations_gets_the_message_without()
    {
        await using var server = new RawHttpServer(async connection =>
        {
            while (await connection.ReadHeadAsync() is { } head)
            {
                if (head["Expect"] is not null)
                {
                    await connection.SendAsync("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                    return;
                }

                await connection.ReadBodyAsync(head.ContentLength);
                await connection.SendAsync("HTTP/1.1 204 No Content\r\n\r\n");
            }
        });
        Assert.Equal(OutcomeKind.Delivered, (await SendAsync(server.Url, new StreamedContent(new byte[2 * 1024 * 1024]))).Outcomes[0].Kind);
    }

    [Fact]
    public async Task Message_that_cannot_be_read_is_transient_and_not_possibly_delivered()
    {
        await using RawHttpServer server = RawHttpServer.Answering("HTTP/1.1 204 No Content\r\n\r\n");
        DeliveryReport report = await SendAsync(server.Url, new StreamedContent(new byte[200_000]) { FailsAt = 100_000 });
        Assert.Equal((OutcomeKind.Transient, false), (report.Outcomes[0].Kind, report.PossiblyDelivered));
        Assert.StartsWith("451 4.3.0 The message could not be read", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_attempt_throws()
    {
        using var cancel = new CancellationTokenSource();
        await using var server = new RawHttpServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await cancel.CancelAsync();
            await connection.WaitForEndAsync();
        });
        await using var relay = new HttpRelay(server.Url);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => HttpRelayTests.SendAsync(relay, cancellationToken: cancel.Token));
    }

    [Fact]
    public async Task No_more_connections_are_opened_than_are_allowed()
    {
        var gate = new TaskCompletionSource();
        int open = 0, most = 0;
        await using var server = new RawHttpServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                most = Math.Max(most, Interlocked.Increment(ref open));
                if (most == 2)
                    gate.TrySetResult();
                await gate.Task;
                Interlocked.Decrement(ref open);
                await connection.SendAsync("HTTP/1.1 204 No Content\r\n\r\n");
            }
        });
        await using var relay = new HttpRelay(server.Url, new HttpRelayOptions { MaxConnections = 2 });
        DeliveryReport[] reports = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => HttpRelayTests.SendAsync(relay))).WaitAsync(Patience);
        Assert.All(reports, r => Assert.Equal(OutcomeKind.Delivered, r.Outcomes[0].Kind));
        Assert.Equal((2, 2), (most, server.Accepted));
    }

    private static async Task<DeliveryReport> SendAsync(Uri url, MessageContent? content = null, HttpRelayOptions? options = null)
    {
        await using var relay = new HttpRelay(url, options);
        return await HttpRelayTests.SendAsync(relay, content);
    }

    // The clock stands still until the server has what the test is about.
    private static async Task<DeliveryReport> TimeOutAsync(RawHttpServer server, Task received, MessageContent? content = null, HttpRelayOptions? options = null)
    {
        var time = new FakeTimeProvider();
        await using var relay = new HttpRelay(server.Url, options, null, time);
        Task<DeliveryReport> sending = HttpRelayTests.SendAsync(relay, content);
        await received.WaitAsync(Patience);
        Assert.False(sending.IsCompleted);
        time.Advance(TimeSpan.FromMinutes(11));
        return await sending.WaitAsync(Patience);
    }
}
