using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Tests;

public class MailQueueTests
{
    [Fact]
    public void New_message_is_stored_answered_with_its_id_and_delivered()
    {
        using var fixture = new QueueFixture();
        Envelope envelope = fixture.Envelope(to: "bob@example.org");
        EnqueueResult result = fixture.Enqueue(envelope);
        Assert.Equal(250, result.Reply.Code);
        Assert.Equal($"2.6.0 Queued as {envelope.Id}", $"{result.Reply.Status} {result.Reply.Text}");
        Assert.Equal("bob@example.org", Assert.Single(fixture.Relay.Attempts).To);
        Assert.Empty(fixture.Storage.Items());
        Assert.Equal(["write", "update"], fixture.Storage.Done);
    }

    [Fact]
    public void Content_is_freed_when_all_is_done()
    {
        using var fixture = new QueueFixture();
        Envelope envelope = fixture.Envelope(to: ["a@one.example", "b@two.example"]);
        fixture.Enqueue(envelope);
        Assert.False(envelope.Content.TryRetain());
    }

    [Fact]
    public void Recipients_of_several_domains_become_items_that_share_the_content()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Holds = true;
        Envelope envelope = fixture.Envelope(to: ["a@one.example", "b@two.example", "c@ONE.example"]);
        EnqueueResult result = fixture.Enqueue(envelope);
        Assert.Equal(["a@one.example,c@ONE.example", "b@two.example"], fixture.Relay.Attempts.Select(attempt => attempt.To));
        Assert.Equal($"Queued as {envelope.Id}", result.Reply.Text);
        Assert.Equal(envelope.Id, fixture.Relay.Attempts[0].Envelope.Id);
        Assert.NotEqual(envelope.Id, fixture.Relay.Attempts[1].Envelope.Id);
        Assert.All(fixture.Relay.Attempts, attempt => Assert.Same(envelope.Content, attempt.Envelope.Content));
        Assert.Equal(["write"], fixture.Storage.Done);
        fixture.Relay.FinishAll();
        fixture.Context.Drain();
        Assert.Empty(fixture.Storage.Items());
    }

    [Theory]
    [InlineData(StorageFailure.Unavailable, 451, "4.3.0")]
    [InlineData(StorageFailure.Full, 452, "4.3.1")]
    [InlineData(StorageFailure.DeadlinePassed, 451, "4.3.0")]
    [InlineData(StorageFailure.Stopping, 421, "4.3.2")]
    public void Storage_failure_is_a_reply_and_nothing_is_attempted(StorageFailure failure, int code, string status)
    {
        using var fixture = new QueueFixture();
        fixture.Storage.Fails = operation => operation == "write" ? failure : null;
        EnqueueResult result = fixture.Enqueue("bob@example.org");
        Assert.Equal(code, result.Reply.Code);
        Assert.Equal(status, result.Reply.Status.ToString());
        Assert.Empty(fixture.Relay.Attempts);
        fixture.Storage.Fails = static _ => null;
    }

    [Fact]
    public void Message_refused_because_of_a_deadline_is_removed_where_it_was_stored_nevertheless()
    {
        using var fixture = new QueueFixture();
        fixture.Storage.Fails = static operation => operation == "write" ? StorageFailure.DeadlinePassed : null;
        fixture.Storage.DoneNevertheless = static () => true;
        Assert.Equal(451, fixture.Enqueue("bob@example.org").Reply.Code);
        Assert.Equal(["write", "remove"], fixture.Storage.Done);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Transient_failure_is_tried_again_when_due()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => attempt.Number < 3 ? Replies.All(attempt, Replies.Later) : Replies.Delivered(attempt);
        fixture.Enqueue("bob@example.org");
        Assert.Single(fixture.Relay.Attempts);
        Assert.Equal(1, fixture.Snapshot.Waiting);
        fixture.Advance(TimeSpan.FromSeconds(59));
        Assert.Single(fixture.Relay.Attempts);
        fixture.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal(2, fixture.Relay.Attempts.Count);
        fixture.Advance(TimeSpan.FromMinutes(5.1));
        Assert.Equal([1, 2, 3], fixture.Relay.Attempts.Select(attempt => attempt.Made.Number));
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Partial_delivery_over_several_attempts_tries_only_who_is_open()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.ByName(attempt);
        fixture.Enqueue(fixture.Envelope("", "ok@d.example", "later1@d.example", "never@d.example", "later2@d.example"));
        fixture.Relay.Script = static (_, attempt) => new DeliveryReport([Replies.Later, Replies.Ok]);
        fixture.Advance(TimeSpan.FromMinutes(2));
        fixture.Relay.Script = static (_, attempt) => Replies.Delivered(attempt);
        fixture.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(
            ["ok@d.example,later1@d.example,never@d.example,later2@d.example", "later1@d.example,later2@d.example", "later1@d.example"],
            fixture.Relay.Attempts.Select(attempt => attempt.To));
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Relay_that_throws_counts_as_transient()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, _) => throw new InvalidOperationException("A fault of the relay.");
        fixture.Enqueue("bob@example.org");
        RecipientStatus status = Assert.Single(fixture.Storage.Items()).State.Recipients[0];
        Assert.Equal(RecipientPhase.Open, status.Phase);
        Assert.Equal(451, status.LastReply.Code);
    }

    [Fact]
    public void Outcome_that_cannot_be_recorded_is_kept_and_the_item_not_attempted_meanwhile()
    {
        using var fixture = new QueueFixture();
        fixture.Storage.Fails = static operation => operation == "update" ? StorageFailure.Unavailable : null;
        fixture.Enqueue("bob@example.org");
        for (int i = 0; i < 30; i++)
            fixture.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(fixture.Relay.Attempts);
        Assert.Equal(1, fixture.Snapshot.Recording);
        fixture.Storage.Fails = static _ => null;
        fixture.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0, fixture.Snapshot.Recording);
        Assert.Empty(fixture.Storage.Items());
        Assert.Single(fixture.Relay.Attempts);
    }

    [Fact]
    public void Backlog_is_delivered_after_a_restart()
    {
        using var fixture = new QueueFixture(start: false);
        for (int i = 0; i < 300; i++)
            fixture.Context.Run(() => fixture.Storage.WriteAsync([new QueueItem(fixture.Envelope(to: $"u{i}@d{i % 7}.example"), DeliveryState.Initial(fixture.Time.GetUtcNow(), 1))], CancellationToken.None).AsValue());
        fixture.Start();
        Assert.Equal(300, fixture.Relay.Attempts.Count);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Holding_queue_stores_and_attempts_nothing_and_another_delivers_it()
    {
        using var fixture = new QueueFixture(new MailQueueOptions { Hold = true });
        Envelope envelope = fixture.Envelope(to: "bob@example.org");
        Assert.Equal(250, fixture.Enqueue(envelope).Reply.Code);
        fixture.Advance(TimeSpan.FromDays(10));
        fixture.Flush();
        Assert.Empty(fixture.Relay.Attempts);
        Assert.Equal(1, fixture.Snapshot.Waiting);
        Assert.Single(fixture.Storage.Items());
    }

    [Fact]
    public void Flush_tries_everything_now()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        fixture.Enqueue("bob@example.org");
        fixture.Flush();
        Assert.Equal(2, fixture.Relay.Attempts.Count);
        Assert.Equal(1, fixture.Snapshot.Waiting);
    }

    [Fact]
    public void Stop_lets_running_attempts_end_and_refuses_new_mail()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Holds = true;
        fixture.Enqueue("bob@example.org");
        Task? stopping = null;
        fixture.Context.Post(_ => stopping = fixture.Queue.StopAsync(CancellationToken.None), null);
        fixture.Context.Drain();
        Assert.False(stopping!.IsCompleted);
        Assert.Equal(421, fixture.Enqueue("bob@example.org").Reply.Code);
        fixture.Finish();
        Assert.True(stopping.IsCompletedSuccessfully);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Stop_cancels_attempts_after_the_grace_time_and_keeps_their_items()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Holds = true;
        fixture.Enqueue("bob@example.org");
        fixture.Stop();
        QueueItem item = Assert.Single(fixture.Storage.Items());
        Assert.Equal(0, item.State.Attempts);
    }

    [Fact]
    public void Looping_message_is_refused()
    {
        using var fixture = new QueueFixture(new MailQueueOptions { MaxReceivedFields = 3 });
        string fields = string.Concat(Enumerable.Repeat("Received: from a by b; date\r\n", 2));
        Assert.Equal(250, fixture.Enqueue(fixture.Envelope() with { Content = TestKit.Contents.InMemory(fields + "\r\nReceived: x\r\n") }).Reply.Code);
        SmtpReply reply = fixture.Enqueue(fixture.Envelope() with { Content = TestKit.Contents.InMemory(fields + "RECEIVED : x\r\n\r\n") }).Reply;
        Assert.Equal((554, "5.4.6"), (reply.Code, reply.Status.ToString()));
    }
}
