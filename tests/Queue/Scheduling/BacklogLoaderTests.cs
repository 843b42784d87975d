using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Tests.Scheduling;

public class BacklogLoaderTests
{
    [Fact]
    public void Items_wait_for_their_due_time_after_a_restart()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        for (int i = 0; i < 10; i++)
            fixture.Enqueue($"u{i}@one.example");
        fixture.Restart();
        Assert.Equal(10, fixture.Relay.Attempts.Count);
        Assert.Equal(10, fixture.Snapshot.Waiting);
        fixture.Relay.Script = static (_, attempt) => Replies.Delivered(attempt);
        fixture.Advance(TimeSpan.FromMinutes(1.2));
        Assert.Equal(20, fixture.Relay.Attempts.Count);
        Assert.All(fixture.Relay.Attempts.Skip(10), attempt => Assert.Equal(2, attempt.Made.Number));
    }

    [Fact]
    public void Item_accepted_while_loading_is_not_attempted_twice()
    {
        using var fixture = new QueueFixture(start: false);
        fixture.Relay.Holds = true;

        // Accepted before the listing begins, and so in it.
        fixture.Enqueue("bob@one.example");
        fixture.Start();
        Assert.Equal(1, fixture.Snapshot.Active);
        Assert.Equal(0, fixture.Snapshot.Ready);
        fixture.Finish();
        Assert.Single(fixture.Relay.Attempts);
    }

    [Fact]
    public async Task Listing_that_fails_goes_on_later()
    {
        using var fixture = new QueueFixture(start: false);
        for (int i = 0; i < 5; i++)
        {
            var item = new QueueItem(fixture.Envelope(to: $"u{i}@one.example"), DeliveryState.Initial(fixture.Time.GetUtcNow(), 1));
            await fixture.Storage.WriteAsync([item], CancellationToken.None);
            item.Envelope.Content.Release();
        }

        using var failed = new SemaphoreSlim(0);
        fixture.Storage.Fails = operation =>
        {
            if (operation != "load")
                return null;
            failed.Release();
            return StorageFailure.Unavailable;
        };
        await fixture.Queue.StartAsync(CancellationToken.None);
        await failed.WaitAsync();
        fixture.Storage.Fails = static _ => null;
        while (!fixture.Queue.Loading!.IsCompleted)
        {
            fixture.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        fixture.Context.Drain();
        Assert.Equal(5, fixture.Relay.Attempts.Count);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public async Task Items_named_ahead_of_their_turn_keep_no_older_ones_back(int? breaksOffAfter)
    {
        using var fixture = new QueueFixture(start: false);
        List<QueueId> ids = [];
        for (int i = 0; i < 10; i++)
        {
            var item = new QueueItem(fixture.Envelope(to: $"u{i}@one.example"), DeliveryState.Initial(fixture.Time.GetUtcNow(), 1));
            ids.Add(item.Envelope.Id);
            await fixture.Storage.WriteAsync([item], CancellationToken.None);
            item.Envelope.Content.Release();
        }

        fixture.Storage.IsEarly = entry => entry.Id == ids[3] || entry.Id == ids[8];
        fixture.Storage.BreaksOffAfter = breaksOffAfter;
        await fixture.Queue.StartAsync(CancellationToken.None);
        while (!fixture.Queue.Loading!.IsCompleted)
        {
            fixture.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        fixture.Context.Drain();
        Assert.Equal(ids.Order(), fixture.Relay.Attempts.Select(static attempt => attempt.Envelope.Id).Order());
    }

    [Fact]
    public void Item_gone_from_storage_is_forgotten()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        Envelope envelope = fixture.Envelope(to: "bob@one.example");
        fixture.Enqueue(envelope);
        fixture.Context.Run(() => fixture.Storage.RemoveAsync(envelope.Id, CancellationToken.None).AsValue());
        fixture.Advance(TimeSpan.FromMinutes(2));
        Assert.Single(fixture.Relay.Attempts);
        QueueSnapshot snapshot = fixture.Snapshot;
        Assert.Equal((0, 0, 0), (snapshot.Waiting, snapshot.Ready, snapshot.Domains));
    }
}
