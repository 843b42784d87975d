using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Tests.Contract;

/// <summary>Listing what is stored a page at a time, whoever has it.</summary>
public abstract partial class SharedQueueStorageContract
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Pages_name_each_item_once_whoever_has_it_and_whenever_it_is_due(int max)
    {
        QueueItem[] past = [Due(TimeOf("past")), Due(TimeOf("past"))], later = [.. Enumerable.Range(0, 12).Select(_ => Due(TimeOf("later")))], held = [Due(TimeOf("held")), Due(TimeOf("held"))];
        QueueItem leased = Small(), gone = Small();
        await StoreAsync([.. past, .. later, .. held]);
        await StoreAsync(gone);
        await Storage.RemoveAsync(gone.Envelope.Id, CancellationToken.None);
        await Shared.WriteAsync([leased], Long, CancellationToken.None);
        leased.Envelope.Content.Release();
        Assert.NotNull(await Shared.ClaimAsync(later[0].Envelope.Id, Long, CancellationToken.None));
        List<QueueEntry> listed = await ListAsync(false, max);
        Assert.Equal((await LoadAsync()).OrderBy(static entry => entry.Id), listed.OrderBy(static entry => entry.Id));
        Assert.Equal(past.Concat(later).Concat(held).Append(leased).Select(static item => item.Envelope.Id).Order(), listed.Select(static entry => entry.Id).Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task Pages_of_what_is_held_name_nothing_else(int max)
    {
        QueueItem[] held = [Due(TimeOf("held")), Due(TimeOf("held")), Due(TimeOf("held"))];
        QueueItem released = Due(TimeOf("held")), now = Small();
        await StoreAsync([Due(TimeOf("past")), Due(TimeOf("later")), .. held, released, now]);
        await Storage.UpdateAsync(released.Envelope.Id, Next(released.State) with { DueAt = TimeOf("later") }, NoBounces, CancellationToken.None);
        await Storage.UpdateAsync(now.Envelope.Id, Next(now.State) with { DueAt = DeliveryState.HeldUntil }, NoBounces, CancellationToken.None);
        Assert.Equal(held.Append(now).Select(static item => item.Envelope.Id).Order(), (await ListAsync(true, max)).Select(static entry => entry.Id).Order());
        Assert.All(await ListAsync(true, max), static entry => Assert.Equal(DeliveryState.HeldUntil, entry.DueAt));
    }

    [Fact]
    public async Task Pages_of_many_name_each_item_once_although_their_times_change()
    {
        var expected = new List<QueueId>();
        for (int i = 0; i < 500; i++)
            expected.Add(await StoreSmallAsync());
        var listed = new List<QueueEntry>();
        string? cursor = null;
        do
        {
            QueueEntryPage page = await Shared.ListAsync(false, cursor, 50, CancellationToken.None);
            listed.AddRange(page.Entries);
            cursor = page.Next;

            // As where somebody attempts, in the order in which they are due, whatever is listed beside it.
            ClaimResult claimed = await Shared.ClaimDueAsync(20, Long, CancellationToken.None);
            await Shared.ReleaseAsync([.. claimed.Items.Select(static item => new LeaseRelease(item.Lease, DateTimeOffset.UtcNow.AddHours(1)))], CancellationToken.None);
        }
        while (cursor is not null);
        Assert.Equal(expected.Order(), listed.Select(static entry => entry.Id).Distinct().Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-")]
    [InlineData("0-0-0")]
    [InlineData("99999-0-00000000000000000000000000000000")]
    [InlineData("ffffffffffffffff-00000000000000000000000000000000")]
    [InlineData("\u0000/../-00000000000000000000000000000000")]
    public async Task Cursor_that_is_none_is_refused(string cursor)
    {
        await StoreSmallAsync();
        await Assert.ThrowsAsync<ArgumentException>(async () => await Shared.ListAsync(false, cursor, 10, CancellationToken.None));
    }

    private async Task<List<QueueEntry>> ListAsync(bool onlyHeld, int max)
    {
        var listed = new List<QueueEntry>();
        string? cursor = null;
        do
        {
            QueueEntryPage page = await Shared.ListAsync(onlyHeld, cursor, max, CancellationToken.None);
            listed.AddRange(page.Entries);
            cursor = page.Next;
        }
        while (cursor is not null);
        return listed;
    }
}
