using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SlimtaFast.Mail;

namespace SlimtaFast.TestKit;

/// <summary>
/// FsCheck generators of envelopes, items and states of every shape: 8-bit and quoted addresses, DSN parameters, many recipients, odd
/// times, long replies. Used as <c>[Properties(Arbitrary = [typeof(MailArbitraries)])]</c>. The contents of items have a name and no
/// octets (<see cref="NamedContent"/>).
/// </summary>
public static class MailArbitraries
{
    private static readonly string[] LocalParts =
        ["a", "bob", "first.last", "a..b", ".dot.", "x+tag", "\"quoted string\"", "\"a\\\"b@c\"", "δοκιμή", "用户", "!#$%&'*+-/=?^_`{|}~", "UPPER.Case"];

    private static readonly string[] Domains =
        ["example.com", "EXAMPLE.Org", "mail.example.net.", "under_score.example", "[192.0.2.1]", "[IPv6:2001:db8::1]", "παράδειγμα.δοκιμή", "x", "例え.テスト"];

    private static readonly string[] Texts =
        ["", "x", "mail.example.org", "Öffentlich 🌍 grüß", new string('y', 42), new string('y', 43), new string('é', 42), new string('z', 127), new string('z', 128), "a b\tc"];

    private static Gen<string> TextGen => Gen.OneOf(Gen.Elements(Texts), Gen.ArrayOf(Gen.Choose(0x20, 0xD7FF)).Select(ToText));

    private static Gen<string?> OptionalTextGen => Gen.OneOf(Gen.Constant<string?>(null), TextGen.Select(static text => (string?)text));

    private static Gen<Mailbox> MailboxGen =>
        from local in Gen.Elements(LocalParts)
        from domain in Gen.Elements(Domains)
        select Mailbox.Parse($"{local}@{domain}");

    private static Gen<Recipient> RecipientGen =>
        from address in Gen.Frequency((20, MailboxGen), (1, Gen.Constant(Mailbox.Parse("Postmaster"))))
        from notify in Gen.Choose(0, 15)
        from original in OptionalTextGen
        select new Recipient(address, (DsnNotify)notify, original);

    private static Gen<SmtpReply> ReplyGen => Gen.Frequency(
        (1, Gen.Constant(default(SmtpReply))),
        (3, from code in Gen.Choose(200, 599)
            from type in Gen.Elements<byte>(0, 2, 4, 5)
            from subject in Gen.Choose(0, 999)
            from detail in Gen.Choose(0, 999)
            from text in Gen.Elements("", "Ok", "No such user here", "two\r\nlines", "Tëxt 漢字", new string('r', 1000))
            select new SmtpReply(code, type == 0 ? default : new EnhancedStatus(type, (ushort)subject, (ushort)detail), text)));

    private static Gen<RecipientStatus> StatusGen =>
        from phase in Gen.Choose(0, 2)
        from reply in ReplyGen
        from remote in Gen.Elements(null, "", "mx1.example.com", new string('m', 255))
        select new RecipientStatus((RecipientPhase)phase, reply, remote);

    private static Gen<DateTimeOffset> TimeGen => Gen.OneOf(
        Gen.Elements(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, DateTimeOffset.UnixEpoch, Envelopes.Received),
        Gen.Choose(0, int.MaxValue).Select(static seconds => DateTimeOffset.UnixEpoch.AddSeconds(seconds).AddTicks(seconds % 10_000_000)));

    private static Gen<DateTimeOffset?> OptionalTimeGen =>
        Gen.OneOf(Gen.Constant<DateTimeOffset?>(null), TimeGen.Select(static time => (DateTimeOffset?)time));

    private static Gen<DeliverBy?> DeliverByGen =>
        from deadline in OptionalTimeGen
        from mode in Gen.Choose(0, 1)
        from trace in Gen.Elements(true, false)
        from past in Gen.Elements(true, false)
        select deadline is { } time ? new DeliverBy(time, (DeliverByMode)mode, trace, past) : null;

    // Null for most, as in mail.
    private static Gen<DeliveryTerms?> TermsGen => Gen.Frequency(
        (3, Gen.Constant<DeliveryTerms?>(null)),
        (2, from until in OptionalTimeGen
            from deliverBy in DeliverByGen
            from priority in Gen.Choose(DeliveryTerms.LowestPriority, DeliveryTerms.HighestPriority)
            let terms = new DeliveryTerms { HoldUntil = until, By = deliverBy, Priority = priority }
            select terms.IsEmpty ? null : terms));

    private static Gen<int> CounterGen => Gen.OneOf(Gen.Elements(0, 1, 127, 128, 16_384, int.MaxValue), Gen.Choose(0, 1000));

    private static Gen<QueueId> IdGen => Gen.ArrayOf(Gen.Choose(0, 255), 16).Select(static octets =>
        new QueueId(octets.Aggregate(UInt128.Zero, static (value, octet) => (value << 8) | (uint)octet)));

    private static Gen<IPAddress?> AddressGen => Gen.Elements(
        null,
        IPAddress.Loopback,
        IPAddress.Parse("203.0.113.77"),
        IPAddress.IPv6Loopback,
        IPAddress.Parse("2001:db8::25"),
        IPAddress.Parse("::ffff:192.0.2.1"),
        IPAddress.Parse("fe80::1%3"));

    private static Gen<ClientFacts> ClientGen =>
        from address in AddressGen
        from hello in TextGen
        from host in OptionalTextGen
        from protocol in Gen.Elements("SMTP", "ESMTPSA", "LMTP", "")
        from identity in OptionalTextGen
        from tls in OptionalTextGen
        from server in TextGen
        from trace in Gen.Elements(null, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", "00-ffffffffffffffffffffffffffffffff-0000000000000001-ff")
        select new ClientFacts { Address = address, HelloName = hello, HostName = host, Protocol = protocol, Identity = identity, Tls = tls, ServerName = server, TraceParent = trace };

    private static Gen<byte[]> HeadersGen => Gen.OneOf(
        Gen.Constant(Array.Empty<byte>()),
        Gen.Constant("Received: from a by b; Sat, 14 Mar 2026 15:09:26 +0000\r\n"u8.ToArray()),
        Gen.ArrayOf(Gen.Choose(0, 255)).Select(static octets => Array.ConvertAll(octets, static octet => (byte)octet)));

    /// <summary>Ids of any value.</summary>
    public static Arbitrary<QueueId> QueueIds() => IdGen.ToArbitrary();

    /// <summary>Mailboxes of every kind.</summary>
    public static Arbitrary<Mailbox> Mailboxes() => MailboxGen.ToArbitrary();

    /// <summary>States of zero to many recipients.</summary>
    public static Arbitrary<DeliveryState> States() =>
        (from count in RecipientCountGen from state in StateGen(count) select state).ToArbitrary();

    /// <summary>Items of zero to many recipients, their states included.</summary>
    public static Arbitrary<QueueItem> Items() => ItemGen.ToArbitrary();

    /// <summary>Envelopes of zero to many recipients.</summary>
    public static Arbitrary<Envelope> AllEnvelopes() => ItemGen.Select(static item => item.Envelope).ToArbitrary();

    private static Gen<int> RecipientCountGen => Gen.Frequency((6, Gen.Choose(1, 4)), (1, Gen.Constant(0)), (1, Gen.Choose(100, 300)));

    private static Gen<QueueItem> ItemGen =>
        from id in IdGen
        from contentId in IdGen
        from contentLength in Gen.Elements(0L, 1L, 4096L, long.MaxValue)
        from crc in Gen.Choose(int.MinValue, int.MaxValue)
        from traits in Gen.Choose(0, ushort.MaxValue)
        from reverse in Gen.Frequency((1, Gen.Constant(Mailbox.Null)), (5, MailboxGen))
        from count in RecipientCountGen
        from recipients in Gen.ArrayOf(RecipientGen, count)
        from state in StateGen(count)
        from received in TimeGen
        from client in ClientGen
        from headers in HeadersGen
        from body in Gen.Choose(0, 3)
        from utf8 in Gen.Elements(true, false)
        from ret in Gen.Choose(0, 2)
        from envelopeId in OptionalTextGen
        from terms in TermsGen
        select new QueueItem(
            new Envelope
            {
                Id = id,
                ReversePath = reverse,
                Recipients = recipients,
                Content = new NamedContent(contentId, contentLength, (uint)crc, (ContentTraits)traits),
                ReceivedAt = received,
                Client = client,
                AddedHeaders = headers,
                Body = (BodyType)body,
                SmtpUtf8 = utf8,
                Return = (DsnReturn)ret,
                EnvelopeId = envelopeId,
                Terms = terms,
            },
            state);

    private static Gen<DeliveryState> StateGen(int recipients) =>
        from version in CounterGen
        from attempts in CounterGen
        from due in TimeGen
        from notice in Gen.Elements(true, false)
        from statuses in Gen.ArrayOf(StatusGen, recipients)
        from way in Gen.Frequency((3, Gen.Constant<string?>(null)), (1, Gen.Elements(Domains).Select(static domain => (string?)Mailbox.Parse("x@" + domain).GetRoutingDomain())))
        select new DeliveryState { Version = version, Attempts = attempts, DueAt = due, DelayNoticeSent = notice, Recipients = statuses, RoutingDomain = way };

    private static string ToText(int[] characters) =>
        characters.Aggregate(new StringBuilder(), static (text, character) => text.Append((char)character)).ToString();
}
