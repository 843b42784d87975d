using System.Collections.Concurrent;
using System.Net;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Http;

namespace SlimtaFast.Relay.Tests.Http;

/// <summary>What goes over the wire, and what becomes of answers, with a server whose every octet is the test's.</summary>
public sealed class HttpRelayTests
{
    private const string NoContent = "HTTP/1.1 204 No Content\r\nX-Smtp-Reply: 250; message=\"2.6.0 Message accepted for delivery\"\r\n\r\n";

    [Fact]
    public async Task Request_is_what_python_slimta_expects()
    {
        var requests = new ConcurrentQueue<(RawHttpRequest Head, byte[] Body)>();
        await using RawHttpServer server = RawHttpServer.Answering(NoContent, requests);
        DeliveryReport report = await SendAsync(server.Url, options: new HttpRelayOptions { HelloName = "us.example" }, to: ["bob@example.org", "δ@παράδειγμα.δοκιμή"]);
        Assert.All(report.Outcomes, o => Assert.Equal((OutcomeKind.Delivered, "250 2.6.0 Message accepted for delivery"), (o.Kind, o.Reply.ToString())));
        (RawHttpRequest head, byte[] body) = Assert.Single(requests);
        Assert.Equal("POST /mail?tenant=7 HTTP/1.1", head.RequestLine);
        Assert.Equal(("message/rfc822", "us.example"), (head["Content-Type"], head["X-Ehlo"]));
        Assert.Equal(["alice@example.com"], head.Decode("X-Envelope-Sender"));
        Assert.Equal(["bob@example.org", "δ@παράδειγμα.δοκιμή"], head.Decode("X-Envelope-Recipient"));
        Assert.Equal("SMTPUTF8", head["X-Envelope-Parameters"]);
        Assert.Equal("yes", head["X-Envelope-Partial"]);
        Assert.Equal("X-Added: 1\r\n" + Contents.Text, Encoding.UTF8.GetString(body));
        Assert.Null(head["Authorization"]);
        Assert.Null(head["Expect"]);
    }

    [Fact]
    public async Task Null_sender_is_an_empty_field()
    {
        var requests = new ConcurrentQueue<(RawHttpRequest Head, byte[] Body)>();
        await using RawHttpServer server = RawHttpServer.Answering(NoContent, requests);
        await SendAsync(server.Url, from: "");
        Assert.Equal("", Assert.Single(requests).Head["X-Envelope-Sender"]);
    }

    [Fact]
    public async Task Envelope_beyond_the_addresses_goes_in_fields_of_our_own()
    {
        var requests = new ConcurrentQueue<(RawHttpRequest Head, byte[] Body)>();
        await using RawHttpServer server = RawHttpServer.Answering(NoContent, requests);
        await SendAsync(server.Url, change: e => e with
        {
            Body = BodyType.EightBitMime,
            Return = DsnReturn.Headers,
            EnvelopeId = "a=b c",
            Terms = new DeliveryTerms { Priority = -3 },
            Recipients = [e.Recipients[0], new Recipient(Mailbox.Parse("c@example.org"), DsnNotify.Success | DsnNotify.Delay, "utf-8;ö@x")],
        });
        RawHttpRequest head = Assert.Single(requests).Head;
        Assert.Equal("BODY=8BITMIME RET=HDRS ENVID=a+3Db+20c MT-PRIORITY=-3", head["X-Envelope-Parameters"]);
        Assert.Equal("1 NOTIFY=SUCCESS,DELAY ORCPT=utf-8;+C3+B6@x", head["X-Envelope-Recipient-Parameters"]);
    }

    [Theory]
    [InlineData("200 OK", null, OutcomeKind.Delivered, "250 2.0.0 HTTP 200 OK")]
    [InlineData("202 Accepted", null, OutcomeKind.Delivered, "250 2.0.0 HTTP 202 Accepted")]
    [InlineData("503 Service Unavailable", "450; message=\"4.2.0 Greylisted\"", OutcomeKind.Transient, "450 4.2.0 Greylisted")]
    [InlineData("500 Internal Server Error", "550; message=\"5.1.1 No such user\"", OutcomeKind.Permanent, "550 5.1.1 No such user")]
    [InlineData("403 Forbidden", "550; message=\"5.7.1 Access denied\"", OutcomeKind.Permanent, "550 5.7.1 Access denied")]
    [InlineData("200 OK", "550; message=\"5.1.1 No such user\"", OutcomeKind.Permanent, "550 5.1.1 No such user")]
    [InlineData("500 Oops", "250; message=\"2.0.0 Ok\"", OutcomeKind.Transient, "451 4.5.0 The next hop's HTTP status and its reply contradict each other")]
    [InlineData("500 Oops", "garbage", OutcomeKind.Transient, "450 4.0.0 HTTP 500 Oops")]
    [InlineData("401 Unauthorized", "535; message=\"5.7.8 No\"", OutcomeKind.Transient, "535 5.7.8 No")]
    [InlineData("404 Not Found", null, OutcomeKind.Transient, "451 4.3.5 HTTP 404 Not Found")]
    [InlineData("403 Forbidden", null, OutcomeKind.Transient, "451 4.7.1 HTTP 403 Forbidden")]
    [InlineData("413 Too Large", null, OutcomeKind.Permanent, "552 5.3.4 HTTP 413 Too Large")]
    [InlineData("429 Too Many Requests", null, OutcomeKind.Transient, "450 4.3.2 HTTP 429 Too Many Requests")]
    [InlineData("400 Bad Request", null, OutcomeKind.Permanent, "550 5.0.0 HTTP 400 Bad Request")]
    public async Task Answer_becomes_an_outcome(string status, string? reply, OutcomeKind kind, string text)
    {
        string field = reply is null ? "" : $"X-Smtp-Reply: {reply}\r\n";
        await using RawHttpServer server = RawHttpServer.Answering($"HTTP/1.1 {status}\r\n{field}Content-Length: 0\r\n\r\n");
        DeliveryReport report = await SendAsync(server.Url);
        RecipientOutcome outcome = Assert.Single(report.Outcomes);
        Assert.Equal((kind, text, "127.0.0.1"), (outcome.Kind, outcome.Reply.ToString(), outcome.RemoteName));
    }

    [Fact]
    public async Task Each_recipient_has_its_answer_and_what_the_server_takes_over_is_known()
    {
        await using RawHttpServer server = RawHttpServer.Answering(
            "HTTP/1.1 204 No Content\r\nX-Smtp-Reply: 250; message=\"2.0.0 Ok\"\r\nX-Smtp-Extensions: DSN DELIVERBY\r\n"
            + "X-Smtp-Recipient-Reply: 1; 550; message=\"5.1.1 No, \\\"really\\\"\"\r\nX-Smtp-Recipient-Reply: 2; 450; message=\"4.2.2 Full\"\r\n\r\n");
        DeliveryReport report = await SendAsync(server.Url, to: ["a@example.org", "b@example.org", "c@example.org"]);
        Assert.Equal(
            [(OutcomeKind.Delivered, "250 2.0.0 Ok"), (OutcomeKind.Permanent, "550 5.1.1 No, \"really\""), (OutcomeKind.Transient, "450 4.2.2 Full")],
            report.Outcomes.Select(o => (o.Kind, o.Reply.ToString())));
        Assert.All(report.Outcomes, o => Assert.True(o is { ReportsSuccess: true, KeepsDeadline: true }));
    }

    [Fact]
    public async Task Recipient_answers_that_cannot_be_read_pass_for_no_delivery()
    {
        await using RawHttpServer server = RawHttpServer.Answering("HTTP/1.1 204 No Content\r\nX-Smtp-Recipient-Reply: 5; 550\r\n\r\n");
        DeliveryReport report = await SendAsync(server.Url);
        Assert.Equal((OutcomeKind.Transient, true), (report.Outcomes[0].Kind, report.PossiblyDelivered));
    }

    [Fact]
    public async Task Response_body_is_read_away_so_that_the_connection_serves_again()
    {
        await using RawHttpServer server = RawHttpServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + new string('x', 5000));
        await using var relay = new HttpRelay(server.Url);
        for (int i = 0; i < 3; i++)
            Assert.Equal(OutcomeKind.Delivered, (await SendAsync(relay)).Outcomes[0].Kind);
        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task Source_addresses_take_turns_by_weight()
    {
        var sources = new ConcurrentQueue<string>();
        await using var server = new RawHttpServer(async connection =>
        {
            sources.Enqueue(((IPEndPoint)connection.RemoteEndPoint!).Address.ToString());
            await connection.ReadRequestAsync();
            await connection.SendAsync(NoContent);
        });
        SourceAddress[] pool = [new(IPAddress.Parse("127.0.0.7"), 2), new(IPAddress.Parse("127.0.0.8")), new(IPAddress.IPv6Loopback, 100)];
        await using var relay = new HttpRelay(server.Url, new HttpRelayOptions { SourceAddresses = pool, IdleTimeout = TimeSpan.Zero });
        for (int i = 0; i < 6; i++)
            Assert.Equal(OutcomeKind.Delivered, (await SendAsync(relay)).Outcomes[0].Kind);
        Assert.Equal((4, 2), (sources.Count(static s => s == "127.0.0.7"), sources.Count(static s => s == "127.0.0.8")));
    }

    [Fact]
    public async Task Idle_time_of_zero_closes_after_each_message()
    {
        var requests = new ConcurrentQueue<(RawHttpRequest Head, byte[] Body)>();
        await using RawHttpServer server = RawHttpServer.Answering(NoContent, requests);
        await using var relay = new HttpRelay(server.Url, new HttpRelayOptions { IdleTimeout = TimeSpan.Zero });
        for (int i = 0; i < 2; i++)
            await SendAsync(relay);
        Assert.Equal(2, server.Accepted);
        Assert.All(requests, r => Assert.Equal("close", r.Head["Connection"]));
    }

    [Fact]
    public async Task Many_recipients_go_in_several_requests()
    {
        var requests = new ConcurrentQueue<(RawHttpRequest Head, byte[] Body)>();
        await using RawHttpServer server = RawHttpServer.Answering(NoContent, requests);
        string[] to = [.. Enumerable.Range(0, 250).Select(i => $"user{i:000}@example.org")];
        DeliveryReport report = await SendAsync(server.Url, to: to);
        Assert.All(report.Outcomes, o => Assert.Equal(OutcomeKind.Delivered, o.Kind));
        Assert.Equal([100, 100, 50], requests.Select(r => r.Head.Decode("X-Envelope-Recipient").Count));
        Assert.Equal(to, requests.SelectMany(r => r.Head.Decode("X-Envelope-Recipient")));
        Assert.All(requests, r => Assert.True(r.Head["X-Envelope-Recipient"]!.Length <= 7_000));
    }

    [Fact]
    public async Task Request_whose_fields_are_too_large_is_split()
    {
        var sizes = new ConcurrentQueue<int>();
        await using var server = new RawHttpServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                int count = request.Head.Decode("X-Envelope-Recipient").Count;
                sizes.Enqueue(count);
                await connection.SendAsync(count > 2 ? "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n\r\n" : NoContent);
            }
        });
        DeliveryReport report = await SendAsync(server.Url, to: ["a@x.org", "b@x.org", "c@x.org", "d@x.org", "e@x.org"]);
        Assert.All(report.Outcomes, o => Assert.Equal(OutcomeKind.Delivered, o.Kind));
        Assert.Equal([5, 2, 3, 1, 2], sizes);
    }

    [Theory]
    [InlineData(false, "Basic w6c6c8OqY3JldA==")]
    [InlineData(true, "Bearer sêcret")]
    public async Task Credentials_are_shown(bool isToken, string expected)
    {
        var requests = new ConcurrentQueue<(RawHttpRequest Head, byte[] Body)>();
        await using RawHttpServer server = RawHttpServer.Answering(NoContent, requests);
        await SendAsync(server.Url, options: new HttpRelayOptions { Credentials = new SmtpCredentials("ç", "sêcret") { IsToken = isToken, AllowPlaintext = true } });
        Assert.Equal(expected, Assert.Single(requests).Head["Authorization"]);
    }

    [Fact]
    public async Task Credentials_are_not_shown_in_clear_unless_that_is_allowed()
    {
        await using RawHttpServer server = RawHttpServer.Answering(NoContent);
        DeliveryReport report = await SendAsync(server.Url, options: new HttpRelayOptions { Credentials = new SmtpCredentials("me", "secret") });
        Assert.Equal((OutcomeKind.Transient, HopCondition.Down, 0), (report.Outcomes[0].Kind, report.Hop, server.Accepted));
    }

    [Fact]
    public async Task Refused_credentials_suspend_the_hop_and_use_up_no_message()
    {
        await using RawHttpServer server = RawHttpServer.Answering("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
        DeliveryReport report = await SendAsync(server.Url);
        Assert.Equal((OutcomeKind.Transient, HopCondition.Down), (report.Outcomes[0].Kind, report.Hop));
    }

    [Theory]
    [InlineData("ftp://example.org/")]
    [InlineData("/mail")]
    public void Url_of_another_kind_is_refused(string url) => Assert.Throws<ArgumentException>(() => new HttpRelay(new Uri(url, UriKind.RelativeOrAbsolute)));

    [Fact]
    public async Task Next_hop_is_the_server_whatever_the_domain()
    {
        await using var relay = new HttpRelay(new Uri("https://Mail.Example/in?x=1"));
        Assert.Equal("https://mail.example", relay.GetNextHop("a.test"));
    }

    internal static async Task<DeliveryReport> SendAsync(HttpRelay relay, MessageContent? content = null, string from = "alice@example.com", Func<Envelope, Envelope>? change = null, CancellationToken cancellationToken = default, params string[] to)
    {
        content ??= Contents.InMemory();
        Envelope envelope = Envelopes.Make(content, from, to) with { AddedHeaders = "X-Added: 1\r\n"u8.ToArray() };
        envelope = change?.Invoke(envelope) ?? envelope;
        try
        {
            return await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), cancellationToken);
        }
        finally
        {
            content.Release();
        }
    }

    private static async Task<DeliveryReport> SendAsync(Uri url, HttpRelayOptions? options = null, string from = "alice@example.com", Func<Envelope, Envelope>? change = null, params string[] to)
    {
        await using var relay = new HttpRelay(url, options);
        return await SendAsync(relay, null, from, change, default, to);
    }
}
