using SlimtaFast.Mail;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Tests.Contract;

/// <summary>Claims of one item by its id.</summary>
public abstract partial class SharedQueueStorageContract
{
    /// <summary>Due times of items: past, to come, and an operator's hold.</summary>
    public static TheoryData<string> DueTimes { get; } = ["past", "later", "held"];

    /// <summary>Due times of items that nobody claims as due.</summary>
    public static TheoryData<string> LateTimes { get; } = ["later", "held"];

    [Theory]
    [MemberData(nameof(DueTimes))]
    public async Task Claim_by_id_takes_an_item_whenever_it_is_due(string when)
    {
        QueueItem item = Due(TimeOf(when));
        await StoreAsync(Due(TimeOf(when)), item, Due(TimeOf(when)));
        QueueEntry listed = Assert.Single(await LoadAsync(), entry => entry.Id == item.Envelope.Id);
        ClaimedItem claimed = (await Shared.ClaimAsync(item.Envelope.Id, Long, CancellationToken.None))!.Value;
        Assert.Equal(listed, claimed.Entry);
        Assert.Equal(item.State.DueAt, claimed.Entry.DueAt);
        Assert.Equal(2, claimed.Epoch);
        Assert.DoesNotContain((await Shared.ClaimDueAsync(1000, Long, CancellationToken.None)).Items, other => other.Entry.Id == item.Envelope.Id);
        Assert.Empty((await Shared.RenewAsync([claimed.Lease], Long, CancellationToken.None)).Lost);
        DeliveryState state = item.State with { Version = 1, DueAt = Envelopes.Received };
        Assert.True(await Shared.UpdateAsync(claimed.Lease, state, NoBounces, Long, CancellationToken.None));
        Assert.True(Same.State(state, (await ReadAsync(item.Envelope.Id))!.Value.Item.State));
        Assert.Equal(item.Envelope.Id, (await ClaimOneAsync()).Entry.Id);
    }

    [Fact]
    public async Task Claim_by_id_finds_no_item_where_there_is_none()
    {
        QueueItem item = Small();
        Assert.Null(await Shared.ClaimAsync(item.Envelope.Id, Long, CancellationToken.None));
        await StoreAsync(item);
        await Storage.RemoveAsync(item.Envelope.Id, CancellationToken.None);
        Assert.Null(await Shared.ClaimAsync(item.Envelope.Id, Long, CancellationToken.None));
        Assert.Empty(await LoadAsync());
    }

    [Fact]
    public async Task Claim_by_id_leaves_an_item_to_its_holder()
    {
        QueueItem written = Small(), due = Small(), named = Due(TimeOf("later"));
        await Shared.WriteAsync([written], Long, CancellationToken.None);
        written.Envelope.Content.Release();
        await StoreAsync(due);
        ClaimedItem dueClaim = await ClaimOneAsync();
        await StoreAsync(named);
        ClaimedItem namedClaim = (await Shared.ClaimAsync(named.Envelope.Id, Long, CancellationToken.None))!.Value;
        await using ISharedQueueStorage other = OpenAnother();
        await other.StartAsync(CancellationToken.None);
        foreach (QueueLease held in new[] { new QueueLease(written.Envelope.Id, QueueLease.First), dueClaim.Lease, namedClaim.Lease })
        {
            Assert.Null(await other.ClaimAsync(held.Id, Long, CancellationToken.None));
            Assert.Empty((await Shared.RenewAsync([held], Long, CancellationToken.None)).Lost);
            Assert.True(await Shared.RemoveAsync(held, CancellationToken.None));
        }
    }

    [Fact]
    public async Task Claims_by_id_at_the_same_time_give_an_item_to_one()
    {
        ISharedQueueStorage[] others = [OpenAnother(), OpenAnother(), OpenAnother()];
        foreach (ISharedQueueStorage other in others)
            await other.StartAsync(CancellationToken.None);
        for (int round = 0; round < 20; round++)
        {
            QueueItem item = Due(TimeOf(round % 2 == 0 ? "later" : "held"));
            await StoreAsync(item);
            ClaimedItem?[] claims = await Task.WhenAll(others.Select(other => Task.Run(() => other.ClaimAsync(item.Envelope.Id, Long, CancellationToken.None).AsTask())));
            Assert.Equal(2, Assert.Single(claims, static claim => claim is not null)!.Value.Epoch);
        }

        foreach (ISharedQueueStorage other in others)
            await other.DisposeAsync();
    }

    [Fact]
    public async Task Claim_by_id_takes_an_item_whose_lease_has_ended_and_refuses_its_holder()
    {
        QueueItem item = Due(TimeOf("later"));
        await StoreAsync(item);
        ClaimedItem first = (await Shared.ClaimAsync(item.Envelope.Id, Short, CancellationToken.None))!.Value;
        ClaimedItem? second;
        using (var limit = new CancellationTokenSource(Patience))
        {
            while ((second = await Shared.ClaimAsync(item.Envelope.Id, Long, limit.Token)) is null)
                limit.Token.ThrowIfCancellationRequested();
        }

        Assert.Equal(first.Epoch + 1, second.Value.Epoch);
        Assert.False(await Shared.UpdateAsync(first.Lease, Closed(item.State), NoBounces, Long, CancellationToken.None));
        Assert.False(await Shared.RemoveAsync(first.Lease, CancellationToken.None));
        Assert.Equal(first.Lease, Assert.Single((await Shared.RenewAsync([first.Lease], Long, CancellationToken.None)).Lost));
        Assert.True(await Shared.UpdateAsync(second.Value.Lease, Closed(item.State), NoBounces, Long, CancellationToken.None));
        Assert.Empty(await LoadAsync());
    }

    [Theory]
    [MemberData(nameof(LateTimes))]
    public async Task Item_whose_holder_by_id_is_gone_waits_as_before(string when)
    {
        QueueItem item = Due(TimeOf(when)), watch = Small();
        await StoreAsync(item);
        Assert.NotNull(await Shared.ClaimAsync(item.Envelope.Id, Short, CancellationToken.None));

        // Its lease ends later than that of the item, and tells when to look.
        await Shared.WriteAsync([watch], Short, CancellationToken.None);
        watch.Envelope.Content.Release();
        Assert.Equal(watch.Envelope.Id, (await ClaimOneAsync()).Entry.Id);
        Assert.Empty((await Shared.ClaimDueAsync(1000, Long, CancellationToken.None)).Items);
        ClaimedItem again = (await Shared.ClaimAsync(item.Envelope.Id, Long, CancellationToken.None))!.Value;
        Assert.Equal(item.State.DueAt, again.Entry.DueAt);
        Assert.Equal(3, again.Epoch);
    }

    [Theory]
    [MemberData(nameof(LateTimes))]
    public async Task Holder_by_id_that_is_late_still_records_where_nobody_else_had_the_item(string when)
    {
        QueueItem item = Due(TimeOf(when)), watch = Small();
        await StoreAsync(item);
        QueueLease lease = (await Shared.ClaimAsync(item.Envelope.Id, Short, CancellationToken.None))!.Value.Lease;
        await Shared.WriteAsync([watch], Short, CancellationToken.None);
        watch.Envelope.Content.Release();
        Assert.Equal(watch.Envelope.Id, (await ClaimOneAsync()).Entry.Id);
        DeliveryState state = item.State with { Version = 1, DueAt = Envelopes.Received };
        Assert.True(await Shared.UpdateAsync(lease, state, NoBounces, Long, CancellationToken.None));
        Assert.False(await Shared.UpdateAsync(lease, state with { Version = 2 }, NoBounces, Long, CancellationToken.None));
        Assert.Equal(item.Envelope.Id, (await ClaimOneAsync()).Entry.Id);
    }

    [Theory]
    [MemberData(nameof(LateTimes))]
    public async Task Item_that_was_claimed_by_id_may_be_given_back_as_it_was(string when)
    {
        QueueItem item = Due(TimeOf(when));
        await StoreAsync(item);
        ClaimedItem claimed = (await Shared.ClaimAsync(item.Envelope.Id, Long, CancellationToken.None))!.Value;
        await Shared.ReleaseAsync([new(claimed.Lease, claimed.Entry.DueAt)], CancellationToken.None);
        Assert.Empty((await Shared.ClaimDueAsync(1000, Long, CancellationToken.None)).Items);
        Assert.NotNull(await Shared.ClaimAsync(item.Envelope.Id, Long, CancellationToken.None));
    }

    [Fact]
    public async Task Item_that_was_claimed_by_id_may_be_given_back_to_be_attempted_at_once_unless_it_is_held()
    {
        QueueItem later = Due(TimeOf("later")), held = Due(TimeOf("held"));
        foreach (QueueItem item in new[] { later, held })
        {
            await StoreAsync(item);
            ClaimedItem claimed = (await Shared.ClaimAsync(item.Envelope.Id, Long, CancellationToken.None))!.Value;
            await Shared.ReleaseAsync([new(claimed.Lease, default)], CancellationToken.None);
        }

        Assert.Equal(later.Envelope.Id, (await ClaimOneAsync()).Entry.Id);
        Assert.Empty((await Shared.ClaimDueAsync(1000, Long, CancellationToken.None)).Items);
        Assert.NotNull(await Shared.ClaimAsync(held.Envelope.Id, Long, CancellationToken.None));
    }

    [Fact]
    public async Task Held_item_stays_so_over_a_restart_until_it_is_claimed_by_its_id()
    {
        QueueItem item = Small();
        await Shared.WriteAsync([item], Long, CancellationToken.None);
        item.Envelope.Content.Release();
        DeliveryState held = item.State with { Version = 1, DueAt = DeliveryState.HeldUntil };
        Assert.True(await Shared.UpdateAsync(new QueueLease(item.Envelope.Id, QueueLease.First), held, NoBounces, Long, CancellationToken.None));
        Replace(await ReopenAsync());
        await Storage.StartAsync(CancellationToken.None);
        Assert.Empty((await Shared.ClaimDueAsync(1000, Long, CancellationToken.None)).Items);
        ClaimedItem claimed = (await Shared.ClaimAsync(item.Envelope.Id, Long, CancellationToken.None))!.Value;
        Assert.True(await Shared.UpdateAsync(claimed.Lease, held with { Version = 2, DueAt = Envelopes.Received }, NoBounces, Long, CancellationToken.None));
        Assert.Equal(item.Envelope.Id, (await ClaimOneAsync()).Entry.Id);
    }

    // To the millisecond, as sets of due times have it.
    private static DateTimeOffset TimeOf(string when) => when switch
    {
        "past" => Envelopes.Received,
        "later" => DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds()),
        _ => DeliveryState.HeldUntil,
    };
}
