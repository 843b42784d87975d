using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;
using SlimtaFast.Storage;
using SlimtaFast.TestKit;

namespace SlimtaFast.Queue.Tests.Sharing;

/// <summary>Orders by a filter for items that no process has: only for those that are still meant when they are claimed, and none is claimed for nothing.</summary>
public sealed class StaleListTests
{
    private static readonly DateTimeOffset Later = Envelopes.Received.AddHours(1);

    /// <summary>Action, place of the filter, when the item was due as it was listed and as it was claimed, the outcome, and how often it was claimed.</summary>
    public static TheoryData<QueueAction, QueuePlace?, DateTimeOffset, DateTimeOffset, OrderOutcome, int> Orders { get; } = new()
    {
        { QueueAction.Remove, QueuePlace.Waiting, Later, Later, OrderOutcome.Done, 1 },
        { QueueAction.Remove, null, Later, DeliveryState.HeldUntil, OrderOutcome.Done, 1 },
        { QueueAction.Remove, QueuePlace.Waiting, Later, DeliveryState.HeldUntil, OrderOutcome.Unchanged, 1 },
        { QueueAction.Remove, QueuePlace.Held, DeliveryState.HeldUntil, Later, OrderOutcome.Unchanged, 1 },
        { QueueAction.Remove, QueuePlace.Elsewhere, Envelopes.Received, Later, OrderOutcome.Unchanged, 1 },
        { QueueAction.Retry, null, DeliveryState.HeldUntil, Later, OrderOutcome.Held, 0 },
        { QueueAction.Hold, null, DeliveryState.HeldUntil, Later, OrderOutcome.Unchanged, 0 },
        { QueueAction.Release, null, Later, Later, OrderOutcome.Unchanged, 0 },
        { QueueAction.Release, null, Envelopes.Received, Later, OrderOutcome.Unchanged, 0 },
    };

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Order_is_for_what_is_meant_when_it_is_claimed(QueueAction action, QueuePlace? place, DateTimeOffset listed, DateTimeOffset claimed, OrderOutcome outcome, int claims) =>
        await OrderAsync(new StaleListStorage { DueAt = claimed }, action, new QueueFilter { Place = place }, listed, outcome, claims);

    [Fact]
    public async Task Item_that_was_attempted_meanwhile_is_not_meant_by_how_often_it_was() =>
        await OrderAsync(new StaleListStorage { DueAt = Later, Attempts = 2 }, QueueAction.Remove, new QueueFilter { MostAttempts = 1 }, Later, OrderOutcome.Unchanged, claims: 1);

    [Fact]
    public async Task Item_that_goes_another_way_meanwhile_is_not_meant_by_its_next_hop()
    {
        await OrderAsync(new StaleListStorage { DueAt = Later, Domain = "backup.internal" }, QueueAction.Remove, new QueueFilter { NextHop = "example.net" }, Later, OrderOutcome.Unchanged, claims: 1);
        await OrderAsync(new StaleListStorage { DueAt = Later }, QueueAction.Remove, new QueueFilter { NextHop = "example.net" }, Later, OrderOutcome.Done, claims: 1);
    }

    private static async Task OrderAsync(StaleListStorage stale, QueueAction action, QueueFilter filter, DateTimeOffset listed, OrderOutcome outcome, int claims)
    {
        var time = new FakeTimeProvider(Envelopes.Received);
        var ids = new QueueIdGenerator(time);
        await using StaleListStorage storage = stale;
        await using var relay = new ScriptedRelay { Script = static (_, attempt) => Replies.ByName(attempt) };
        await using var queue = new MailQueue(storage, relay, new MailQueueOptions { HostName = "mx.example.org" }, [], new QueueEnvironment { Time = time, Ids = ids });
        await storage.StartAsync(CancellationToken.None);
        await queue.StartAsync(CancellationToken.None);
        QueueItem item = Envelopes.MakeItem(Contents.InMemory(), "alice@example.com", "bob@example.net");
        item = item with { Envelope = item.Envelope with { Id = ids.Next() }, State = item.State with { DueAt = stale.DueAt, Attempts = stale.Attempts } };
        await storage.WriteAsync([item], CancellationToken.None);
        item.Envelope.Content.Release();
        storage.Listed.Add(new QueueEntry(item.Envelope.Id, listed, 1, item.Domain, item.Envelope.Length));
        QueueOrderResult result = await queue.Desk.OrderAsync(new QueueOrder(action, "the test") { Filter = filter });
        Assert.Equal(new OrderedItem(item.Envelope.Id, outcome), Assert.Single(result.Items));
        Assert.Equal(claims, storage.Claims);
        Assert.Equal(outcome == OrderOutcome.Done ? 0 : 1, storage.GetInfo().Items);
        Assert.Equal(claims == 1 && outcome == OrderOutcome.Unchanged ? [new LeaseRelease(new QueueLease(item.Envelope.Id, QueueLease.First), stale.DueAt)] : [], storage.Released);
    }
}
