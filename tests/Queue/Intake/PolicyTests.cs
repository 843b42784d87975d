using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;
using SlimtaFast.TestKit;

namespace SlimtaFast.Queue.Tests.Intake;

public class PolicyTests
{
    [Fact]
    public void Policies_run_in_order_on_every_part_that_those_before_made()
    {
        var log = new List<string>();
        using var fixture = new QueueFixture(policies:
        [
            new Policy(message => message.PrependFields("X-First: 1\r\n"u8)),
            new Policy(message => message.Split([.. message.Envelope.Recipients.Select(recipient => message.Envelope with { Recipients = [recipient] })])),
            new Policy(message => log.Add(message.Envelope.Recipients[0].Address.Address)),
            new Policy(message => message.PrependFields(Encoding.ASCII.GetBytes($"X-To: {message.Envelope.Recipients[0].Address}\r\n"))),
        ]);
        Envelope envelope = fixture.Envelope(to: ["a@one.example", "b@one.example"]);
        Assert.Equal($"Queued as {envelope.Id}", fixture.Enqueue(envelope).Reply.Text);
        Assert.Equal(["a@one.example", "b@one.example"], log);
        Assert.Equal(
            ["X-To: a@one.example\r\nX-First: 1\r\n" + Contents.Text, "X-To: b@one.example\r\nX-First: 1\r\n" + Contents.Text],
            fixture.Relay.Attempts.Select(attempt => Encoding.ASCII.GetString(attempt.Bytes)));
        Assert.Equal(2, fixture.Relay.Attempts.Select(attempt => attempt.Envelope.Id).Distinct().Count());
        Assert.Equal(["write"], fixture.Storage.Done.Where(done => done == "write"));
    }

    [Theory]
    [InlineData(" folded\r\nSubject: x\r\n\r\n", true)]
    [InlineData("\tfolded\r\n", true)]
    [InlineData("just text\r\n", true)]
    [InlineData("Subject: x\r\njust text\r\n", false)]
    [InlineData("\r\nbody\r\n", false)]
    [InlineData("", false)]
    public void Fields_are_closed_off_from_a_message_that_has_none(string content, bool isClosedOff)
    {
        using var fixture = new QueueFixture(policies: [new Policy(message => message.PrependFields("X: 1\r\n"u8))]);
        fixture.Enqueue(Envelopes.Make(Contents.InMemory(content)));
        Assert.Equal((isClosedOff ? "X: 1\r\n\r\n" : "X: 1\r\n") + content, Encoding.ASCII.GetString(Assert.Single(fixture.Relay.Attempts).Bytes));
    }

    [Fact]
    public void Policy_may_change_the_envelope()
    {
        using var fixture = new QueueFixture(policies:
            [new Policy(message => message.Replace(message.Envelope with { Recipients = [new Recipient(Mailbox.Parse("alias@other.example"))] }))]);
        fixture.Enqueue("bob@example.org");
        Assert.Equal("alias@other.example", Assert.Single(fixture.Relay.Attempts).To);
    }

    [Fact]
    public void Policy_may_refuse_the_message()
    {
        bool ranOn = false;
        using var fixture = new QueueFixture(policies:
            [new Policy(message => message.Refuse(new SmtpReply(550, "5.7.1", "Spam"))), new Policy(_ => ranOn = true)]);
        SmtpReply reply = fixture.Enqueue("bob@example.org").Reply;
        Assert.Equal("550 5.7.1 Spam", reply.ToString());
        Assert.False(ranOn);
        Assert.Empty(fixture.Storage.Done);
    }

    [Fact]
    public void One_refused_part_refuses_all()
    {
        using var fixture = new QueueFixture(policies:
        [
            new Policy(message => message.Split([.. message.Envelope.Recipients.Select(recipient => message.Envelope with { Recipients = [recipient] })])),
            new Policy(message =>
            {
                if (message.Envelope.Recipients[0].Address.LocalPart is "b")
                    message.Refuse(new SmtpReply(550, "5.7.1", "No"));
            }),
        ]);
        Assert.Equal(550, fixture.Enqueue("a@one.example", "b@one.example").Reply.Code);
        Assert.Empty(fixture.Storage.Done);
    }

    [Fact]
    public void Policy_that_throws_refuses_the_message_for_now()
    {
        using var fixture = new QueueFixture(policies: [new Policy(_ => throw new InvalidOperationException("A fault of a policy."))]);
        Assert.Equal("451 4.3.0", fixture.Enqueue("bob@example.org").Reply.ToString()[..9]);
        Assert.Empty(fixture.Storage.Done);
    }

    [Fact]
    public void Policy_that_takes_its_time_is_awaited()
    {
        var gate = new TaskCompletionSource();
        using var fixture = new QueueFixture(policies: [new Policy(_ => { }, gate.Task), QueuePolicies.AddDate]);
        Envelope envelope = fixture.Envelope(to: "bob@example.org");
        ValueTask<EnqueueResult> enqueuing = default;
        fixture.Context.Post(_ => enqueuing = fixture.Queue.EnqueueAsync(envelope, CancellationToken.None), null);
        fixture.Context.Drain();
        Assert.False(enqueuing.IsCompleted);
        gate.SetResult();
        fixture.Context.Drain();
        Assert.True(enqueuing.IsCompletedSuccessfully);
        Assert.StartsWith("Date: ", Encoding.ASCII.GetString(Assert.Single(fixture.Relay.Attempts).Bytes), StringComparison.Ordinal);
        envelope.Content.Release();
    }

    [Fact]
    public void Message_without_recipients_is_refused()
    {
        using var fixture = new QueueFixture();
        Assert.Equal(554, fixture.Enqueue(fixture.Envelope() with { Recipients = [] }).Reply.Code);
    }

    [Fact]
    public void Field_without_line_end_is_a_fault_of_the_policy()
    {
        using var fixture = new QueueFixture(policies: [new Policy(message => message.PrependFields("X-Bad: 1"u8))]);
        Assert.Equal(451, fixture.Enqueue("bob@example.org").Reply.Code);
    }

    private sealed class Policy(Action<IncomingMessage> apply, Task? wait = null) : IQueuePolicy
    {
        public async ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
        {
            apply(message);
            if (wait is not null)
                await wait;
        }
    }
}
