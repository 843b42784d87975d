using SlimtaFast.Mail;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Tests.Contract;

/// <summary>What a storage must do beyond <see cref="DurableQueueStorageContract"/> when several processes share it.</summary>
public abstract partial class SharedQueueStorageContract : DurableQueueStorageContract
{
    private static readonly IReadOnlyList<QueueItem> NoBounces = [];
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private ISharedQueueStorage Shared => (ISharedQueueStorage)Storage;

    /// <summary>Makes a further storage, not started, on what the one under test uses: another process.</summary>
    protected abstract ISharedQueueStorage OpenAnother();

    [Fact]
    public async Task Claim_hands_out_what_is_due_longest_first_and_each_item_once()
    {
        QueueItem[] items = [.. Enumerable.Range(0, 5).Select(number => Due(Envelopes.Received.AddMinutes(-number)))];
        await StoreAsync(items);
        await StoreAsync(Due(DateTimeOffset.UtcNow.AddHours(1)));
        ClaimResult first = await Shared.ClaimDueAsync(1000, Long, CancellationToken.None);
        Assert.Equal(items.Select(static item => item.Envelope.Id).Order(), first.Items.Select(static item => item.Entry.Id).Order());
        Assert.All(first.Items, static item => Assert.Equal(2, item.Epoch));
        Assert.Empty((await Shared.ClaimDueAsync(1000, Long, CancellationToken.None)).Items);
    }

    [Fact]
    public async Task Claim_tells_of_each_item_what_a_listing_does()
    {
        QueueItem item = Envelopes.MakeItem(Contents.InMemory(Noise(5000), budget: Budget), "a@example.com", "b@HOST.example", "c@host.example");
        item = item with
        {
            State = Next(item.State),
            Envelope = item.Envelope with { Terms = new DeliveryTerms { Priority = 4, By = new DeliverBy(Envelopes.Received.AddDays(1), DeliverByMode.Return) }, AddedHeaders = "X-Note: 1\r\n"u8.ToArray() },
        };
        await StoreAsync(item);
        QueueEntry listed = Assert.Single(await LoadAsync());
        ClaimedItem claimed = Assert.Single((await Shared.ClaimDueAsync(1000, Long, CancellationToken.None)).Items);
        Assert.Equal(listed, claimed.Entry);
        Assert.Equal(new QueueEntry(item.Envelope.Id, item.State.DueAt, 1, "host.example", 5011, Urgency.Of(item.Envelope)), claimed.Entry);
    }

    [Fact]
    public async Task Claims_of_several_processes_never_name_an_item_twice()
    {
        var expected = new HashSet<QueueId>();
        for (int i = 0; i < Many / 5; i++)
            expected.Add(await StoreSmallAsync());

        // The more there are the more a process has room for, and no lease ends before the last of them is claimed.
        int atOnce = Math.Max(16, Many / 60);
        TimeSpan lease = TimeSpan.FromDays(1);
        ISharedQueueStorage[] others = [OpenAnother(), OpenAnother(), OpenAnother()];
        foreach (ISharedQueueStorage other in others)
            await other.StartAsync(CancellationToken.None);
        var claimed = new List<QueueId>[others.Length];
        await Task.WhenAll(others.Select((other, i) => Task.Run(async () =>
        {
            claimed[i] = [];
            while (await other.ClaimDueAsync(atOnce, lease, CancellationToken.None) is { Items: { Count: > 0 } items })
                claimed[i].AddRange(items.Select(static item => item.Entry.Id));
        })));
        foreach (ISharedQueueStorage other in others)
            await other.DisposeAsync();
        Assert.Equal(expected.Order(), claimed.SelectMany(static ids => ids).Order());
    }

    [Fact]
    public async Task Claim_tells_when_the_next_item_is_due()
    {
        Assert.Null((await Shared.ClaimDueAsync(1000, Long, CancellationToken.None)).NextIn);
        await StoreAsync(Due(DateTimeOffset.UtcNow.AddHours(1)));
        TimeSpan? next = (await Shared.ClaimDueAsync(1000, Long, CancellationToken.None)).NextIn;
        Assert.InRange(next!.Value, TimeSpan.FromMinutes(55), TimeSpan.FromMinutes(61));
        await StoreSmallAsync();
        await StoreSmallAsync();
        Assert.True((await Shared.ClaimDueAsync(1, Long, CancellationToken.None)).NextIn <= TimeSpan.Zero || Shared.GetInfo().Items == 3);
    }

    [Fact]
    public async Task Item_written_under_a_lease_is_nobody_elses()
    {
        QueueItem item = Small();
        await Shared.WriteAsync([item], Long, CancellationToken.None);
        item.Envelope.Content.Release();
        Assert.Empty((await Shared.ClaimDueAsync(1000, Long, CancellationToken.None)).Items);
        Assert.True(await Shared.UpdateAsync(new QueueLease(item.Envelope.Id, QueueLease.First), Closed(item.State), NoBounces, Long, CancellationToken.None));
        Assert.Empty(await LoadAsync());
    }

    [Fact]
    public async Task Lease_that_ended_lets_others_have_the_item_and_refuses_its_holder()
    {
        QueueItem item = Small(), bounce = Small("bounce");
        await Shared.WriteAsync([item], Short, CancellationToken.None);
        item.Envelope.Content.Release();
        QueueLease old = new(item.Envelope.Id, QueueLease.First);
        ClaimedItem claimed = await ClaimOneAsync();
        Assert.True(claimed.Epoch > old.Epoch);
        Assert.False(await Shared.UpdateAsync(old, Closed(item.State), [bounce], Long, CancellationToken.None));
        Assert.False(await Shared.RemoveAsync(old, CancellationToken.None));
        Assert.Equal(old, Assert.Single((await Shared.RenewAsync([old], Long, CancellationToken.None)).Lost));
        bounce.Envelope.Content.Release();
        Assert.Equal(item.Envelope.Id, Assert.Single(await LoadAsync()).Id);
        Assert.True(await Shared.RemoveAsync(claimed.Lease, CancellationToken.None));
        Assert.False(await Shared.RemoveAsync(claimed.Lease, CancellationToken.None));
    }

    [Fact]
    public async Task Lease_that_ended_unnoticed_still_lets_its_holder_record()
    {
        // Nobody attempted it since, so that the outcome is the truth.
        QueueItem item = Small();
        await Shared.WriteAsync([item], TimeSpan.FromMilliseconds(1), CancellationToken.None);
        item.Envelope.Content.Release();
        Assert.True(await Shared.UpdateAsync(new QueueLease(item.Envelope.Id, QueueLease.First), Closed(item.State), NoBounces, Long, CancellationToken.None));
        Assert.Empty(await LoadAsync());
    }

    [Fact]
    public async Task Renewed_lease_outlives_its_first_end()
    {
        QueueItem renewed = Small(), left = Small();
        await Shared.WriteAsync([renewed, left], Short, CancellationToken.None);
        renewed.Envelope.Content.Release();
        left.Envelope.Content.Release();
        Assert.Empty((await Shared.RenewAsync([new QueueLease(renewed.Envelope.Id, QueueLease.First)], Long, CancellationToken.None)).Lost);
        Assert.Equal(left.Envelope.Id, (await ClaimOneAsync()).Entry.Id);
        Assert.Empty((await Shared.ClaimDueAsync(1000, Long, CancellationToken.None)).Items);
    }

    [Fact]
    public async Task Update_of_a_holder_ends_the_lease_and_sets_when_the_item_is_due()
    {
        QueueItem item = Small(), bounce = Small("bounce");
        await Shared.WriteAsync([item], Long, CancellationToken.None);
        item.Envelope.Content.Release();
        QueueLease lease = new(item.Envelope.Id, QueueLease.First);
        DeliveryState state = Next(item.State);
        Assert.True(await Shared.UpdateAsync(lease, state, [bounce], Long, CancellationToken.None));

        // Repeated, as where the answer got lost.
        Assert.True(await Shared.UpdateAsync(lease, state, [bounce], Long, CancellationToken.None));
        bounce.Envelope.Content.Release();
        Assert.Equal(2, (await LoadAsync()).Count);
        Assert.Equal(lease, Assert.Single((await Shared.RenewAsync([lease], Long, CancellationToken.None)).Lost));
        Assert.Equal(item.Envelope.Id, (await ClaimOneAsync()).Entry.Id);
        Assert.False(await Shared.UpdateAsync(lease, Next(state), NoBounces, Long, CancellationToken.None));
        Assert.True(Same.State(state, (await ReadAsync(item.Envelope.Id))!.Value.Item.State));
        Assert.True(await Shared.UpdateAsync(new QueueLease(bounce.Envelope.Id, QueueLease.First), Closed(bounce.State), NoBounces, Long, CancellationToken.None));
    }

    [Fact]
    public async Task Closing_update_that_is_repeated_adds_no_second_bounce()
    {
        QueueItem item = Small(), bounce = Small("bounce"), again = Small("bounce");
        await Shared.WriteAsync([item], Long, CancellationToken.None);
        item.Envelope.Content.Release();
        QueueLease lease = new(item.Envelope.Id, QueueLease.First);
        Assert.True(await Shared.UpdateAsync(lease, Closed(item.State), [bounce], Long, CancellationToken.None));
        Assert.False(await Shared.UpdateAsync(lease, Closed(item.State), [again], Long, CancellationToken.None));
        bounce.Envelope.Content.Release();
        again.Envelope.Content.Release();
        Assert.Equal(bounce.Envelope.Id, Assert.Single(await LoadAsync()).Id);
    }

    [Fact]
    public async Task Released_item_may_be_claimed_when_it_was_said_to_be_due()
    {
        QueueItem now = Small(), later = Small();
        await Shared.WriteAsync([now, later], Long, CancellationToken.None);
        now.Envelope.Content.Release();
        later.Envelope.Content.Release();
        await Shared.ReleaseAsync(
            [new(new QueueLease(now.Envelope.Id, QueueLease.First), default), new(new QueueLease(later.Envelope.Id, QueueLease.First), DateTimeOffset.UtcNow.AddHours(1))],
            CancellationToken.None);
        ClaimedItem claimed = await ClaimOneAsync();
        Assert.Equal(now.Envelope.Id, claimed.Entry.Id);
        Assert.Equal(now.State.DueAt, claimed.Entry.DueAt);
        Assert.Equal(0, (await ReadAsync(now.Envelope.Id))!.Value.Item.State.Version);

        // The first holder has nothing to say any more.
        await Shared.ReleaseAsync([new(new QueueLease(now.Envelope.Id, QueueLease.First), default)], CancellationToken.None);
        Assert.Empty((await Shared.ClaimDueAsync(1000, Long, CancellationToken.None)).Items);
    }

    [Fact]
    public async Task Item_is_claimed_under_the_domain_by_which_it_goes()
    {
        QueueItem item = Small();
        await Shared.WriteAsync([item], Long, CancellationToken.None);
        item.Envelope.Content.Release();
        DeliveryState state = item.State with { Version = 1, RoutingDomain = "backup.example" };
        Assert.True(await Shared.UpdateAsync(new QueueLease(item.Envelope.Id, QueueLease.First), state, NoBounces, Long, CancellationToken.None));
        ClaimedItem claimed = await ClaimOneAsync();
        Assert.Equal("backup.example", claimed.Entry.Domain);
        Assert.True(await Shared.UpdateAsync(claimed.Lease, state with { Version = 2 }, NoBounces, Long, CancellationToken.None));
        Assert.Equal("backup.example", (await ClaimOneAsync()).Entry.Domain);
    }

    [Fact]
    public async Task Update_by_a_holder_who_knows_an_older_state_changes_nothing()
    {
        QueueItem item = Small(), bounce = Small("bounce");
        await Shared.WriteAsync([item], Long, CancellationToken.None);
        item.Envelope.Content.Release();
        DeliveryState stored = Next(item.State);
        Assert.True(await Shared.UpdateAsync(new QueueLease(item.Envelope.Id, QueueLease.First), stored, NoBounces, Long, CancellationToken.None));
        QueueLease lease = (await ClaimOneAsync()).Lease;
        Assert.False(await Shared.UpdateAsync(lease, stored, [bounce], Long, CancellationToken.None));
        bounce.Envelope.Content.Release();
        Assert.Equal(item.Envelope.Id, Assert.Single(await LoadAsync()).Id);
        Assert.Empty((await Shared.RenewAsync([lease], Long, CancellationToken.None)).Lost);
    }

    [Fact]
    public async Task Update_without_a_lease_takes_the_item_from_its_holder()
    {
        QueueItem item = Small();
        await Shared.WriteAsync([item], Long, CancellationToken.None);
        item.Envelope.Content.Release();
        await Storage.UpdateAsync(item.Envelope.Id, Next(item.State), NoBounces, CancellationToken.None);
        Assert.False(await Shared.UpdateAsync(new QueueLease(item.Envelope.Id, QueueLease.First), Next(Next(item.State)), NoBounces, Long, CancellationToken.None));
        Assert.Equal(1, (await ReadAsync(item.Envelope.Id))!.Value.Item.State.Version);
    }

    [Fact]
    public async Task Other_processes_are_told_of_what_may_be_claimed()
    {
        await using ISharedQueueStorage other = OpenAnother();
        await other.StartAsync(CancellationToken.None);
        var notices = new SemaphoreSlim(0);
        using (other.Watch(() => notices.Release()))
        {
            await StoreSmallAsync();
            Assert.True(await notices.WaitAsync(Patience), "Nobody was told of a new item.");
            ClaimedItem claimed = Assert.Single((await other.ClaimDueAsync(1000, Long, CancellationToken.None)).Items);
            await Shared.ReleaseAsync([new(claimed.Lease, default)], CancellationToken.None);
            Assert.True(await notices.WaitAsync(Patience), "Nobody was told of an item that was given back.");
        }
    }

    [Fact]
    public async Task Leases_outlive_the_process_that_holds_them()
    {
        QueueItem item = Small();
        await Shared.WriteAsync([item], Long, CancellationToken.None);
        item.Envelope.Content.Release();
        Replace(await ReopenAsync());
        await Storage.StartAsync(CancellationToken.None);
        Assert.Empty((await Shared.ClaimDueAsync(1000, Long, CancellationToken.None)).Items);
    }

    [Fact]
    public async Task Content_of_50_megabytes_is_kept_in_pieces()
    {
        byte[] bytes = Noise(50_000_000);
        QueueItem item = Envelopes.MakeItem(await BeginAndCompleteAsync(bytes));
        await StoreAsync(item);
        (QueueItem read, byte[] content) = (await ReadAsync(item.Envelope.Id))!.Value;
        Assert.True(Same.Item(item, read));
        Assert.True(content.AsSpan().SequenceEqual(bytes));
    }

    private QueueItem Due(DateTimeOffset due)
    {
        QueueItem item = Small();
        return item with { State = item.State with { DueAt = due } };
    }

    // Asks again until a lease has ended: the storage's clock decides when.
    private async Task<ClaimedItem> ClaimOneAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            ClaimResult result = await Shared.ClaimDueAsync(1000, Long, limit.Token);
            if (result.Items.Count > 0)
                return Assert.Single(result.Items);
            TimeSpan wait = result.NextIn ?? TimeSpan.Zero;
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1), limit.Token);
        }
    }
}
