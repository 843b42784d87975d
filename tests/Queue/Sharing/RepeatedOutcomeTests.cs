using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;
using SlimtaFast.TestKit;

namespace SlimtaFast.Queue.Tests.Sharing;

/// <summary>Outcomes that are recorded once more because nothing was known of the first time.</summary>
public sealed class RepeatedOutcomeTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Report_is_attempted_here_only_where_its_outcome_was_recorded_at_the_first_time(int losses)
    {
        var time = new FakeTimeProvider(Envelopes.Received);
        var context = new ManualContext();
        await using var storage = new AnswerLosingStorage { Losses = losses };
        await using var relay = new ScriptedRelay { Script = static (_, attempt) => Replies.ByName(attempt) };
        var options = new MailQueueOptions { HostName = "mx.example.org", LeaseTime = Lease };
        await using var queue = new MailQueue(storage, relay, options, [], new QueueEnvironment { Time = time, Random = static () => 0.5, Threads = [context] });
        await queue.StartAsync(CancellationToken.None);
        Envelope envelope = Envelopes.Make(Contents.InMemory(), "alice@example.com", "never@example.net", "later@example.net") with { ReceivedAt = time.GetUtcNow() };
        Assert.Equal(250, context.Run(() => queue.EnqueueAsync(envelope, CancellationToken.None)).Reply.Code);
        envelope.Content.Release();
        context.Drain();
        for (int i = 0; i < losses; i++)
        {
            time.Advance(TimeSpan.FromSeconds(2));
            context.Drain();
        }

        // Where it may have been recorded before, the report may be somebody else's.
        Assert.Equal([Lease, .. Enumerable.Repeat(TimeSpan.Zero, losses)], storage.BounceLeases.Take(1 + losses));
        Assert.Equal(losses == 0 ? 1 : 0, relay.Attempts.Count(static attempt => attempt.Envelope.ReversePath.IsNull));
        Assert.Equal(2, storage.GetInfo().Items + relay.Attempts.Count(static attempt => attempt.Envelope.ReversePath.IsNull));
    }
}
