using System.Text;
using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Policies;
using SlimtaFast.Queue.Tests.Fakes;
using SlimtaFast.Storage;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Queue.Tests.Policies;

public class HeaderEditTests
{
    private const string Message =
        "DKIM-Signature: v=1;\r\n\tb=abc ;\r\nX-Spam-Flag: NO\r\nsubject :  odd\t spacing\r\nX-SPAM-status:\r\n No\r\nTo: bob@example.org\r\n\r\nX-Spam-Flag: in the body\r\n";

    private static readonly string[] Pieces =
        ["\r\n", "\n", ":", " ", "\t", "A: b\r\n", "X-Drop: gone\r\n", "X-Drop: gone\r\n folded\r\n", "x-drop : y\n", "Subject: é\r\n", "text", "\r\n\r\n", "X-Drop:", "."];

    [Fact]
    public void Removed_fields_are_gone_and_all_others_keep_every_octet() =>
        Assert.Equal(
            "DKIM-Signature: v=1;\r\n\tb=abc ;\r\nsubject :  odd\t spacing\r\nTo: bob@example.org\r\n\r\nX-Spam-Flag: in the body\r\n",
            Deliver(Message, QueuePolicies.RemoveHeaders("x-spam-*")));

    [Fact]
    public void Rewritten_value_is_unfolded_and_folded_anew_and_others_keep_every_octet()
    {
        string long1 = string.Join(' ', Enumerable.Repeat("word", 30));
        Assert.Equal(
            $"A:  two  blanks\r\nSubject: [list]{string.Concat(Enumerable.Range(0, 12).Select(_ => " word"))}\r\n{string.Concat(Enumerable.Range(0, 15).Select(_ => " word"))}\r\n word word word\r\n\r\nbody\r\n",
            Deliver($"A:  two  blanks\r\nSubject: {long1}\r\n\r\nbody\r\n", QueuePolicies.RewriteHeaders(["A", "Subject"], "^word", "[list] word")));
    }

    [Theory]
    [InlineData("Subject: x\r\n\r\n", "y\r\nEvil: 1", "Subject: y  Evil: 1\r\n\r\n")]
    [InlineData("Subject: ax\r\n b\r\n\r\n", "$0", "Subject: ax\r\n b\r\n\r\n")]
    [InlineData("Subject: x", "y", "Subject: y\r\n")]
    [InlineData("Subject: x\r\n", "", "Subject:\r\n")]
    [InlineData("Subject: äx\r\n", "y", "Subject: äy\r\n")]
    public void Replacement_stays_inside_its_field(string before, string replacement, string after) =>
        Assert.Equal(after, Deliver(before, QueuePolicies.RewriteHeaders(["Subject"], "x", replacement)));

    [Fact]
    public void Octets_that_are_no_utf8_come_through()
    {
        byte[] before = [.. "Subject: "u8, 0xE9, .. "x\r\n\r\n"u8];
        Assert.Equal([.. "Subject: "u8, 0xE9, .. "y\r\n\r\n"u8], Deliver(Contents.InMemory(before), QueuePolicies.RewriteHeaders(["Subject"], "x", "y")));
    }

    [Fact]
    public void Fields_added_before_an_edit_are_not_edited_and_facts_are_those_after_it() =>
        Assert.Equal(
            "Message-ID: <ID@mx.example.org>\r\nX-New: 1\r\nTo: x\r\n\r\n",
            Deliver(
                "Message-ID: <a@b>\r\nX-New: old\r\nTo: x\r\n\r\n",
                QueuePolicies.AddHeader("X-New", "1"),
                QueuePolicies.RemoveHeaders("X-New", "Message-ID"),
                QueuePolicies.AddMessageId("mx.example.org")));

    [Fact]
    public void Header_without_any_field_left_does_not_swallow_the_body()
    {
        Assert.Equal("X: 1\r\n\r\nbody\r\n", Deliver("A: b\r\n\r\nbody\r\n", QueuePolicies.RemoveHeaders("a"), QueuePolicies.AddHeader("X", "1")));
        Assert.Equal("X: 1\r\n\r\nno field\r\n", Deliver("A: b\r\nno field\r\n", QueuePolicies.RemoveHeaders("a"), QueuePolicies.AddHeader("X", "1")));
    }

    [Theory]
    [InlineData("X: 1\r\n\r\n", true)]
    [InlineData("other: 1\r\n\r\n", false)]
    public void Field_is_added_only_if_missing(string before, bool isThere) =>
        Assert.Equal((isThere ? "" : "x: new alice@example.com\r\n") + before, Deliver(before, QueuePolicies.AddHeader("x", "new {sender}", onlyIfMissing: true)));

    [Fact]
    public void Parts_may_be_edited_differently_and_have_contents_of_their_own()
    {
        using var fixture = new QueueFixture(policies: [QueuePolicies.SplitByRecipient, new RewriteFor("a"), QueuePolicies.RemoveHeaders("X-Both")]);
        fixture.Enqueue(Envelopes.Make(Contents.InMemory("X-Both: 1\r\nSubject: x\r\n\r\nbody\r\n"), to: ["a@one.example", "b@one.example"]));
        Assert.Equal(["Subject: y\r\n\r\nbody\r\n", "Subject: x\r\n\r\nbody\r\n"], fixture.Relay.Attempts.Select(a => Encoding.ASCII.GetString(a.Bytes)));
        Assert.Equal(2, fixture.Relay.Attempts.Select(a => a.Envelope.Content.Id).Distinct().Count());
    }

    [Fact]
    public void Parts_that_are_edited_alike_share_one_content()
    {
        using var fixture = new QueueFixture(policies: [QueuePolicies.SplitByRecipient, QueuePolicies.RemoveHeaders("X-Both"), new RewriteFor("a"), QueuePolicies.RemoveHeaders("X-Last")]);
        var budget = new ContentBudget(1_000_000);
        MessageContent content = Contents.InMemory("X-Both: 1\r\nX-Last: 1\r\nSubject: x\r\n\r\nbody\r\n"u8.ToArray(), budget: budget);
        fixture.Enqueue(Envelopes.Make(content, to: ["a@one.example", "b@one.example", "c@one.example", "d@two.example"]));
        Assert.Equal(
            ["Subject: y\r\n\r\nbody\r\n", "Subject: x\r\n\r\nbody\r\n", "Subject: x\r\n\r\nbody\r\n", "Subject: x\r\n\r\nbody\r\n"],
            fixture.Relay.Attempts.Select(a => Encoding.ASCII.GetString(a.Bytes)));
        Assert.Equal(2, fixture.Relay.Attempts.Select(a => a.Envelope.Content.Id).Distinct().Count());
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void Everything_is_given_back_also_when_the_message_is_refused()
    {
        var budget = new ContentBudget(1_000_000);
        using var fixture = new QueueFixture(policies: [QueuePolicies.RemoveHeaders("A"), new Refusal()]);
        MessageContent content = Contents.InMemory("A: b\r\n\r\n", budget: budget);
        Assert.Equal(550, fixture.Enqueue(Envelopes.Make(content)).Reply.Code);
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void Header_section_that_is_too_long_or_too_much_at_once_is_refused()
    {
        using (var fixture = new QueueFixture(policies: [QueuePolicies.RemoveHeaders("A")]))
            Assert.Equal("554 5.6.0", Refused(fixture, string.Concat(Enumerable.Repeat("B: " + new string('x', 900) + "\r\n", 300)) + "\r\n"));
        using (var fixture = new QueueFixture(new MailQueueOptions { HeaderBudget = 10 }, [QueuePolicies.RemoveHeaders("A")]))
            Assert.Equal("452 4.3.1", Refused(fixture, "A: b\r\nB: this is longer\r\n\r\n"));

        static string Refused(QueueFixture fixture, string message)
        {
            SmtpReply reply = fixture.Enqueue(Envelopes.Make(Contents.InMemory(message))).Reply;
            return $"{reply.Code} {reply.Status}";
        }
    }

    [Property]
    public bool Removal_leaves_exactly_the_other_octets(byte[] picks)
    {
        byte[] before = Encoding.UTF8.GetBytes(string.Concat(picks.Select(p => Pieces[p % Pieces.Length])));
        var expected = new List<byte>();
        int at = 0;
        var scanner = new HeaderScanner(before);
        while (scanner.MoveNext())
        {
            if (scanner.CurrentIs("X-Drop"u8))
            {
                expected.AddRange(before[at..scanner.Current.Start]);
                at = scanner.Current.End;
            }
        }

        expected.AddRange(before[at..]);
        return expected.SequenceEqual(Deliver(Contents.InMemory(before), QueuePolicies.RemoveHeaders("X-Drop")))
            && expected.SequenceEqual(EditOnMedium(before, QueuePolicies.RemoveHeaders("X-Drop")));
    }

    [Theory]
    [InlineData("X-*", "x-spam", true)]
    [InlineData("*spam*", "X-Spam-Flag", true)]
    [InlineData("X-*-Flag", "X-Spam-Flag", true)]
    [InlineData("X-*-Flag", "X-Spam-Flags", false)]
    [InlineData("Subject", "Subjects", false)]
    [InlineData("*", "anything", true)]
    public void Names_match_with_stars(string pattern, string name, bool matches) =>
        Assert.Equal(matches, new FieldNames([pattern]).Match(Encoding.ASCII.GetBytes(name)));

    [Fact]
    public void What_cannot_be_is_refused_when_the_policy_is_made()
    {
        Assert.Throws<FormatException>(() => QueuePolicies.AddHeader("X Y", "1"));
        Assert.Throws<FormatException>(() => QueuePolicies.AddHeader("X", "{colour}"));
        Assert.Throws<FormatException>(() => QueuePolicies.AddHeader("X", "a\r\nEvil: 1"));
        Assert.Throws<FormatException>(() => QueuePolicies.RemoveHeaders());
        Assert.Throws<FormatException>(() => QueuePolicies.RewriteHeaders(["X"], "(?=x)", ""));
    }

    [Theory]
    [InlineData(true, 1_000)]
    [InlineData(false, 1_000)]
    [InlineData(true, 3_000_000)]
    [InlineData(false, 3_000_000)]
    public async Task Edited_message_is_the_same_after_a_restart_of_the_disk_storage(bool journal, int size)
    {
        using var folder = new TemporaryFolder();
        string body = string.Concat(Enumerable.Range(0, size / 50).Select(i => $"{i:D8} a line of the body that is fifty octets..\r\n"));
        byte[] received = Encoding.ASCII.GetBytes("X-Drop: 1\r\nSubject: x\r\n\r\n" + body), expected = Encoding.ASCII.GetBytes("Subject: y\r\n\r\n" + body);
        QueueId id;
        var options = new DiskStorageOptions { Directory = folder.Path, Journal = journal };
        await using (var storage = new DiskStorage(options))
        {
            await storage.StartAsync(CancellationToken.None);
            await using var relay = new ScriptedRelay();
            await using var queue = new MailQueue(storage, relay, new MailQueueOptions { Hold = true }, [QueuePolicies.RemoveHeaders("X-Drop"), QueuePolicies.RewriteHeaders(["Subject"], "x", "y")]);
            await queue.StartAsync(CancellationToken.None);
            id = Envelopes.NewId();
            using var writer = new PooledContentWriter(id, 256 * 1024, null, name => queue.BeginContent(name, null));
            await writer.WriteAsync(received, CancellationToken.None);
            MessageContent content = await writer.CompleteAsync(ContentTraits.None, CancellationToken.None);
            Envelope envelope = Envelopes.Make(content, to: ["a@one.example", "b@two.example"]) with { Id = id };
            Assert.Equal(250, (await queue.EnqueueAsync(envelope, CancellationToken.None)).Reply.Code);
            content.Release();
        }

        await using (var storage = new DiskStorage(options))
        {
            await storage.StartAsync(CancellationToken.None);
            var found = new List<QueueId>();
            await foreach (QueueEntry entry in storage.LoadAsync(CancellationToken.None))
                found.Add(entry.Id);
            Assert.Equal(2, found.Count);
            foreach (QueueId one in found)
            {
                QueueItem item = (await storage.ReadAsync(one, CancellationToken.None))!;
                Assert.Equal(Crc32C.Compute(expected), item.Envelope.Content.Crc);
                byte[] stored = await Contents.ReadAllAsync(item.Envelope.Content);
                Assert.True(stored.AsSpan().SequenceEqual(expected));
                item.Envelope.Content.Release();
            }
        }

        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*quarantine*", SearchOption.AllDirectories));
    }

    private static string Deliver(string message, params IQueuePolicy[] policies) => Encoding.UTF8.GetString(Deliver(Contents.InMemory(message), policies));

    private static byte[] Deliver(MessageContent content, params IQueuePolicy[] policies)
    {
        using var fixture = new QueueFixture(policies: policies);
        Envelope envelope = Envelopes.Make(content);
        SmtpReply reply = fixture.Enqueue(envelope).Reply;
        Assert.True(reply.IsPositive, reply.ToString());
        ScriptedRelay.Attempt attempt = Assert.Single(fixture.Relay.Attempts);
        return Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(attempt.Bytes).Replace(envelope.Id.ToString(), "ID", StringComparison.Ordinal));
    }

    private static byte[] EditOnMedium(byte[] message, IQueuePolicy policy)
    {
        var capture = new Capture();
        using var fixture = new QueueFixture(policies: [policy, capture]);
        fixture.Enqueue(Envelopes.Make(new MediumContent(message)));
        return capture.Bytes;
    }

    private sealed class Capture : IQueuePolicy
    {
        public byte[] Bytes { get; private set; } = [];

        public async ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
        {
            Assert.False(message.Envelope.Content.TryGetMemory(out _));
            Bytes = await Contents.ReadAllAsync(message.Envelope.Content);
        }
    }

    private sealed class RewriteFor(string user) : IQueuePolicy
    {
        private readonly IQueuePolicy _inner = QueuePolicies.RewriteHeaders(["Subject"], "x", "y");

        public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken) =>
            message.Envelope.Recipients[0].Address.LocalPart.SequenceEqual(user) ? _inner.ApplyAsync(message, cancellationToken) : ValueTask.CompletedTask;
    }

    private sealed class Refusal : IQueuePolicy
    {
        public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
        {
            message.Refuse(new SmtpReply(550, "5.7.1", "No"));
            return ValueTask.CompletedTask;
        }
    }
}
