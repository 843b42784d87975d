using System.Globalization;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;
using SlimtaFast.TestKit;

namespace SlimtaFast.Queue.Tests.Scheduling;

/// <summary>Very many deferred items whose time comes at one instant, as after a long stop or a jump of the clock.</summary>
public class StampedeTests
{
    private const int Items = 50_000;
    private const int Domains = 100;

    private static readonly MailQueueOptions Options = new() { HostName = "mx.example.org", MaxAttempts = 200, HopInitialAttempts = 5, HopMaxAttempts = 20 };

    [Fact]
    public async Task Items_due_at_one_instant_are_each_tried_once_within_the_limits()
    {
        using var fixture = new QueueFixture(Options, start: false);
        fixture.Relay.ReadsContents = false;
        fixture.Relay.Holds = true;
        DateTimeOffset due = fixture.Time.GetUtcNow().AddHours(1);
        await StoreAsync(fixture, due);
        fixture.Start();
        Assert.Equal(Items, fixture.Snapshot.Waiting);
        fixture.Advance(TimeSpan.FromMinutes(59));
        Assert.Empty(fixture.Relay.Attempts);

        // A timer may ring a moment late.
        fixture.Advance(TimeSpan.FromSeconds(61));
        int most = 0;
        int mostRead = 0;
        int finished = 0;
        while (fixture.Relay.Waiting.Count > 0)
        {
            // What runs, and what was read back and waits for its turn: nothing else is in memory.
            most = Math.Max(most, fixture.Relay.Waiting.Count);
            mostRead = Math.Max(mostRead, fixture.Storage.Done.Count(static operation => operation == "read") - finished);
            fixture.Storage.Done.RemoveAll(static operation => operation == "update");
            finished += fixture.Relay.Waiting.Count;
            fixture.Relay.FinishAll();
            fixture.Context.Drain();
        }

        Assert.InRange(most, Options.MaxAttempts / 2, Options.MaxAttempts);
        Assert.InRange(mostRead, most, 2 * Options.MaxAttempts);
        Assert.All(fixture.Relay.MostAtOnce.Values, static running => Assert.InRange(running, 1, Options.HopMaxAttempts));
        Assert.Equal(Items, fixture.Relay.Attempts.Count);
        Assert.Equal(Items, fixture.Relay.Attempts.Select(static attempt => attempt.Envelope.Id).Distinct().Count());
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public async Task Items_due_at_one_instant_and_put_off_again_are_spread_over_the_jitter()
    {
        var random = new Random(86);
        using var fixture = new QueueFixture(Options, start: false);
        fixture.Random = random.NextDouble;
        fixture.Relay.ReadsContents = false;
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        await StoreAsync(fixture, fixture.Time.GetUtcNow());
        fixture.Start();
        Assert.Equal(Items, fixture.Relay.Attempts.Count);

        // 5 minutes, and a tenth more or less: in each of the sixty seconds comes about a sixtieth.
        fixture.Advance(TimeSpan.FromSeconds(269));
        Assert.Equal(Items, fixture.Relay.Attempts.Count);
        for (int second = 0; second < 62; second++)
        {
            int before = fixture.Relay.Attempts.Count;
            fixture.Advance(TimeSpan.FromSeconds(1));
            Assert.InRange(fixture.Relay.Attempts.Count - before, 0, 2 * Items / 60);
        }

        Assert.Equal(2 * Items, fixture.Relay.Attempts.Count);
    }

    // Tried once already, so that the next delay is the second.
    private static async Task StoreAsync(QueueFixture fixture, DateTimeOffset due)
    {
        MessageContent content = Contents.InMemory();
        for (int i = 0; i < Items; i++)
        {
            string to = string.Create(CultureInfo.InvariantCulture, $"u{i}@d{i % Domains}.example");
            Envelope envelope = Envelopes.Make(content, to: to) with { Id = fixture.Ids.Next(), ReceivedAt = fixture.Time.GetUtcNow() };
            await fixture.Storage.WriteAsync([new QueueItem(envelope, DeliveryState.Initial(due, 1) with { Attempts = 1 })], CancellationToken.None);
        }

        content.Release();
    }
}
