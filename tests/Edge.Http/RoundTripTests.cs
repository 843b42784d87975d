using System.Buffers;
using System.Text;
using FsCheck.Xunit;
using SlimtaFast.Edge.Tests;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.Queue;
using SlimtaFast.Relay;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.Edge.Http.Tests;

/// <summary>From our relay to our edge: nothing of an envelope is lost between two SlimtaFast servers.</summary>
public sealed class RoundTripTests
{
    private static readonly DateTimeOffset Soon = DateTimeOffset.UtcNow.AddHours(1);

    [Fact]
    public async Task Every_shape_of_envelope_arrives_as_it_was_sent()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue);
        await using var relay = new HttpRelay(edge.Url, new HttpRelayOptions { HelloName = "us.example" });
        Envelope plain = Envelopes.Make(Contents.InMemory());
        Envelope[] shapes =
        [
            plain,
            plain with { ReversePath = Mailbox.Null, AddedHeaders = "X-Added: 1\r\n"u8.ToArray() },
            plain with { Content = Contents.InMemory("Subject: grün\r\n\r\n8-bit: äöü\r\n"), Body = BodyType.EightBitMime },
            plain with { SmtpUtf8 = true, ReversePath = Mailbox.Parse("δ@παράδειγμα.δοκιμή"), Recipients = [new Recipient(Mailbox.Parse("用户@例え.テスト"), DsnNotify.Unspecified, "utf-8;用户+=\\@例え")] },
            plain with { Content = Contents.InMemory("a\n\0\r.b"), Body = BodyType.BinaryMime },
            plain with { Return = DsnReturn.Full, EnvelopeId = "id=1+2 3", Recipients = [new Recipient(Mailbox.Parse("\"a b\"@x.org"), DsnNotify.Never), new Recipient(Mailbox.Parse("postmaster"), DsnNotify.Success | DsnNotify.Failure, "rfc822;o@x")] },
            plain with { Terms = new DeliveryTerms { Priority = 7, By = new DeliverBy(Soon, DeliverByMode.Return, Trace: true) } },
            plain with { Content = Contents.InMemory("") },
            plain with { Recipients = [.. Enumerable.Range(0, 90).Select(i => new Recipient(Mailbox.Parse($"u{i}@x.org"), (DsnNotify)(i % 2 == 0 ? 2 : 0)))] },
        ];
        foreach (Envelope sent in shapes)
        {
            DeliveryReport report = await relay.AttemptAsync(sent, new DeliveryAttempt(1, sent.Recipients), CancellationToken.None);
            Assert.All(report.Outcomes, o => Assert.Equal((OutcomeKind.Delivered, true, true), (o.Kind, o.ReportsSuccess, o.KeepsDeadline)));
            (Envelope got, byte[] bytes) = queue.Messages[^1];
            using var expected = new MemoryStream();
            await using (Stream stream = sent.OpenStream())
                await stream.CopyToAsync(expected);
            Assert.Equal(expected.ToArray(), bytes);
            Assert.Equal((sent.ReversePath, sent.Body, sent.SmtpUtf8, sent.Return, sent.EnvelopeId), (got.ReversePath, got.Body, got.SmtpUtf8, got.Return, got.EnvelopeId));
            Assert.Equal(sent.Recipients, got.Recipients);
            Assert.Equal((sent.Terms?.Priority, sent.Terms?.By?.Mode, sent.Terms?.By?.Trace), (got.Terms?.Priority, got.Terms?.By?.Mode, got.Terms?.By?.Trace));
            Assert.True(sent.Terms is null || (Soon - got.Terms!.By!.Deadline).Duration() < TimeSpan.FromMinutes(5));
            Assert.Equal("us.example", got.Client.HelloName);
        }
    }

    [Property(MaxTest = 100)]
    public void Any_octets_arrive(byte[] noise) => SendAsync(noise ?? []).GetAwaiter().GetResult();

    [Fact]
    public async Task Each_refused_recipient_has_its_own_outcome()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, RunningHttpEdge.ForStrangers);
        await using var relay = new HttpRelay(edge.Url);
        Envelope sent = Envelopes.Make(Contents.InMemory(), to: ["a@mine.test", "x@far.test", "b@mine.test"]);
        DeliveryReport report = await relay.AttemptAsync(sent, new DeliveryAttempt(1, sent.Recipients), CancellationToken.None);
        Assert.Equal([OutcomeKind.Delivered, OutcomeKind.Permanent, OutcomeKind.Delivered], report.Outcomes.Select(o => o.Kind));
        Assert.Equal("550 5.7.1 Relaying denied", report.Outcomes[1].Reply.ToString());
        Assert.Equal(["a@mine.test", "b@mine.test"], Assert.Single(queue.Messages).Envelope.Recipients.Select(r => r.Address.Address));
    }

    [Fact]
    public async Task Fifty_megabytes_stream_through_in_flat_memory()
    {
        const int Size = 50 * 1024 * 1024;
        byte[] block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 78) + "\r\n", 1024)));
        var queue = new CountingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, new SmtpEdgeOptions { Session = new SmtpServerOptions { MaxMessageSize = Size } });
        await using var relay = new HttpRelay(edge.Url);
        await SendAsync(new RepeatedContent(block, block.Length));
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await SendAsync(new RepeatedContent(block, Size));
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.Equal(Size, queue.Octets);
        Assert.True(allocated < Size / 4, $"{allocated} octets were allocated for a message of {Size}.");

        async Task SendAsync(MessageContent content)
        {
            Envelope sent = Envelopes.Make(content);
            DeliveryReport report = await relay.AttemptAsync(sent, new DeliveryAttempt(1, sent.Recipients), CancellationToken.None);
            Assert.Equal((OutcomeKind.Delivered, "250 2.0.0 Ok"), (report.Outcomes[0].Kind, report.Outcomes[0].Reply.ToString()));
        }
    }

    [Fact]
    public async Task Https_checks_the_server_shows_our_certificate_and_names_the_protocol()
    {
        using var certificates = new TestCertificates();
        using var serverCertificates = new TlsCertificates(certificates.Issue("127.0.0.1"));
        using var ownCertificates = new TlsCertificates(certificates.Issue("client.test"));
        var tls = new TlsServerSettings { Certificates = serverCertificates, ClientCertificates = ClientCertificateMode.Require, ClientAuthorities = certificates.Authorities };
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, new SmtpEdgeOptions { Session = new SmtpServerOptions { Tls = tls } }, isSecure: true);
        var trusting = new TlsClientSettings { Verify = true, Authorities = certificates.Authorities };
        DeliveryReport good = await SendAsync(new TlsClientSettings { Verify = true, Authorities = certificates.Authorities, Certificates = ownCertificates });
        Assert.Equal(OutcomeKind.Delivered, good.Outcomes[0].Kind);
        Assert.StartsWith("TLSv1.3 ", good.Outcomes[0].Tls, StringComparison.Ordinal);
        ClientFacts facts = Assert.Single(queue.Messages).Envelope.Client;
        Assert.Equal("HTTPS", facts.Protocol);
        Assert.StartsWith("TLSv1.3 ", facts.Tls, StringComparison.Ordinal);
        foreach (TlsClientSettings bad in new[] { trusting, new TlsClientSettings { Verify = true, Certificates = ownCertificates } })
        {
            DeliveryReport report = await SendAsync(bad);
            Assert.Equal((OutcomeKind.Transient, false), (report.Outcomes[0].Kind, report.PossiblyDelivered && bad != trusting));
        }

        Assert.Single(queue.Messages);

        async Task<DeliveryReport> SendAsync(TlsClientSettings settings)
        {
            await using var relay = new HttpRelay(edge.Url, new HttpRelayOptions { Tls = settings });
            Envelope sent = Envelopes.Make(Contents.InMemory());
            return await relay.AttemptAsync(sent, new DeliveryAttempt(1, sent.Recipients), CancellationToken.None);
        }
    }

    private static async Task SendAsync(byte[] octets)
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue);
        await using var relay = new HttpRelay(edge.Url);
        Envelope sent = Envelopes.Make(Contents.InMemory(octets)) with { Body = BodyType.BinaryMime };
        DeliveryReport report = await relay.AttemptAsync(sent, new DeliveryAttempt(1, sent.Recipients), CancellationToken.None);
        Assert.Equal(OutcomeKind.Delivered, report.Outcomes[0].Kind);
        Assert.Equal(octets, Assert.Single(queue.Messages).Bytes);
    }

    /// <summary>A content that repeats a block and is nowhere in memory as a whole.</summary>
    private sealed class RepeatedContent(byte[] block, long length) : MessageContent(Envelopes.NewId(), length, 0, ContentTraits.None)
    {
        public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
        {
            bytes = default;
            return false;
        }

        public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            int start = (int)(offset % block.Length);
            int count = (int)Math.Min(Math.Min(buffer.Length, block.Length - start), Length - offset);
            block.AsMemory(start, count).CopyTo(buffer);
            return ValueTask.FromResult(count);
        }

        protected override void Free()
        {
        }
    }

    /// <summary>A queue on a medium that only counts.</summary>
    private sealed class CountingQueue : IMailQueue
    {
        public long Octets { get; private set; }

        public ContentWriter BeginContent(QueueId id, long? sizeHint) => new DiscardingContentWriter(id);

        public ValueTask<EnqueueResult> EnqueueAsync(Envelope envelope, CancellationToken cancellationToken)
        {
            Octets = envelope.Content.Length;
            return ValueTask.FromResult(new EnqueueResult(new SmtpReply(250, "2.0.0", "Ok")));
        }
    }
}
