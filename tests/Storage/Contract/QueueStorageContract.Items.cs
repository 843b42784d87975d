using FsCheck;
using FsCheck.Fluent;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Tests.Contract;

public abstract partial class QueueStorageContract
{
    [Fact]
    public async Task Item_of_any_shape_is_read_as_written()
    {
        QueueItem[] shapes = [.. MailArbitraries.Items().Generator.Sample(50, new Rnd(20261, 77), 50).Where(static item => !item.State.IsClosed)];
        Assert.True(shapes.Length > 10);
        for (int i = 0; i < shapes.Length; i++)
        {
            byte[] bytes = Noise(i * 157, i);
            QueueItem shape = shapes[i];
            QueueItem item = shape with { Envelope = shape.Envelope with { Id = Envelopes.NewId(), Content = Contents.InMemory(bytes, budget: Budget) } };
            await StoreAsync(item);
            (QueueItem read, byte[] content) = (await ReadAsync(item.Envelope.Id))!.Value;
            Assert.True(Same.Item(item, read));
            Assert.Equal(bytes, content);
        }
    }

    [Fact]
    public async Task Items_of_one_write_are_all_there()
    {
        QueueItem[] items = [Small("one"), Small("two"), Small("three")];
        await StoreAsync(items);
        Assert.Equal(items.Select(static item => item.Envelope.Id), (await LoadAsync()).Select(static entry => entry.Id));
        Assert.Equal("two"u8.ToArray(), (await ReadAsync(items[1].Envelope.Id))!.Value.Content);
    }

    [Fact]
    public async Task Items_of_a_write_that_fails_are_not_there()
    {
        QueueItem good = Small("good"), bad = Small("bad");
        bad.Envelope.Content.Release();
        await Assert.ThrowsAnyAsync<Exception>(async () => await Storage.WriteAsync([good, bad], CancellationToken.None));
        good.Envelope.Content.Release();
        Assert.Empty(await LoadAsync());
        Assert.Null(await ReadAsync(good.Envelope.Id));
        Assert.Equal(0, Budget.Used);
    }

    [Fact]
    public async Task Write_of_no_items_does_nothing()
    {
        await Storage.WriteAsync([], CancellationToken.None);
        Assert.Empty(await LoadAsync());
    }

    [Fact]
    public async Task Write_of_an_id_that_is_there_changes_nothing()
    {
        QueueItem item = Small();
        item.Envelope.Content.Retain();
        await StoreAsync(item);
        DeliveryState next = Next(item.State);
        await Storage.UpdateAsync(item.Envelope.Id, next, NoBounces, CancellationToken.None);
        await StoreAsync(item);
        Assert.Single(await LoadAsync());
        Assert.True(Same.State(next, (await ReadAsync(item.Envelope.Id))!.Value.Item.State));
        await Storage.RemoveAsync(item.Envelope.Id, CancellationToken.None);
        Assert.Empty(await LoadAsync());
    }

    [Fact]
    public async Task Write_that_names_an_id_twice_stores_one_item()
    {
        QueueItem item = Small();
        await StoreAsync(item, item);
        Assert.Single(await LoadAsync());
        await Storage.RemoveAsync(item.Envelope.Id, CancellationToken.None);
        Assert.Null(await ReadAsync(item.Envelope.Id));
    }

    [Fact]
    public async Task Write_cancelled_before_it_began_leaves_the_item_whole_or_absent()
    {
        QueueItem item = Small();
        try
        {
            await Storage.WriteAsync([item], new CancellationToken(true));
        }
        catch (OperationCanceledException)
        {
            // Allowed, and the item is "possibly stored".
        }

        item.Envelope.Content.Release();
        (QueueItem Item, byte[] Content)? read = await ReadAsync(item.Envelope.Id);
        Assert.True(read is null || Same.Item(item, read.Value.Item));
        await Storage.RemoveAsync(item.Envelope.Id, CancellationToken.None);
        Assert.Null(await ReadAsync(item.Envelope.Id));
    }

    [Fact]
    public async Task Update_replaces_the_state()
    {
        QueueItem item = Small();
        await StoreAsync(item);
        DeliveryState state = item.State;
        for (int i = 0; i < 5; i++)
        {
            state = Next(state);
            await Storage.UpdateAsync(item.Envelope.Id, state, NoBounces, CancellationToken.None);
            (QueueItem read, byte[] content) = (await ReadAsync(item.Envelope.Id))!.Value;
            Assert.True(Same.Envelope(item.Envelope, read.Envelope));
            Assert.True(Same.State(state, read.State));
            Assert.Equal(Contents.Text.Length, content.Length);
        }

        QueueEntry entry = Assert.Single(await LoadAsync());
        Assert.Equal(state.DueAt, entry.DueAt);
        Assert.Equal(5, entry.Attempts);
    }

    [Fact]
    public async Task Item_is_listed_under_the_domain_by_which_it_goes()
    {
        QueueItem item = Envelopes.MakeItem(Contents.InMemory(budget: Budget), "a@example.com", "b@first.example"), other = Envelopes.MakeItem(Contents.InMemory(budget: Budget), "a@example.com", "b@first.example");
        await StoreAsync(item);
        await StoreAsync(other);
        DeliveryState state = item.State;
        foreach (string way in new[] { "second.example", "[192.0.2.1]", "παράδειγμα.δοκιμή", "first.example" })
        {
            state = Next(state) with { RoutingDomain = way };
            await Storage.UpdateAsync(item.Envelope.Id, state, NoBounces, CancellationToken.None);
            Assert.Equal([way, "first.example"], (await LoadAsync()).Select(static entry => entry.Domain));
            QueueItem read = (await ReadAsync(item.Envelope.Id))!.Value.Item;
            Assert.Equal((way, "b@first.example"), (read.Domain, read.Envelope.Recipients[0].Address.Address));
        }

        // Whoever takes over from there on keeps it.
        state = Next(state) with { RoutingDomain = "second.example" };
        await Storage.UpdateAsync(item.Envelope.Id, state, NoBounces, CancellationToken.None);
        await Storage.UpdateAsync(item.Envelope.Id, Next(state), NoBounces, CancellationToken.None);
        Assert.Equal(["second.example", "first.example"], (await LoadAsync()).Select(static entry => entry.Domain));
        QueueItem born = Envelopes.MakeItem(Contents.InMemory(budget: Budget), "a@example.com", "b@first.example");
        await StoreAsync(born with { State = born.State with { RoutingDomain = "third.example" } });
        Assert.Equal(["second.example", "first.example", "third.example"], (await LoadAsync()).Select(static entry => entry.Domain));
    }

    [Fact]
    public async Task Update_closes_some_recipients_and_keeps_the_others()
    {
        QueueItem item = Envelopes.MakeItem(Contents.InMemory(budget: Budget), "a@example.com", "b@example.org", "c@example.org", "d@example.org");
        await StoreAsync(item);
        DeliveryState state = item.State with
        {
            Version = 1,
            Attempts = 1,
            Recipients =
            [
                new RecipientStatus(RecipientPhase.Delivered, new SmtpReply(250, "2.1.5", "Ok"), "mx1.example.org"),
                new RecipientStatus(RecipientPhase.Open, new SmtpReply(450, "4.2.1", "Greylisted"), "mx1.example.org"),
                new RecipientStatus(RecipientPhase.Failed, new SmtpReply(550, "5.1.1", "No such user"), "mx1.example.org"),
            ],
        };
        QueueItem bounce = Small("bounce");
        await Storage.UpdateAsync(item.Envelope.Id, state, [bounce], CancellationToken.None);
        bounce.Envelope.Content.Release();
        Assert.True(Same.State(state, (await ReadAsync(item.Envelope.Id))!.Value.Item.State));
        Assert.Equal("bounce"u8.ToArray(), (await ReadAsync(bounce.Envelope.Id))!.Value.Content);
        Assert.Equal(2, (await LoadAsync()).Count);
    }

    [Fact]
    public async Task Update_that_closes_takes_the_item_away_and_leaves_its_bounces()
    {
        QueueItem item = Small();
        await StoreAsync(item);
        QueueItem[] bounces = [Small("first bounce"), Small("second bounce")];
        await Storage.UpdateAsync(item.Envelope.Id, Closed(item.State), bounces, CancellationToken.None);
        foreach (QueueItem bounce in bounces)
            bounce.Envelope.Content.Release();
        Assert.Null(await ReadAsync(item.Envelope.Id));
        Assert.Equal(bounces.Select(static bounce => bounce.Envelope.Id), (await LoadAsync()).Select(static entry => entry.Id));
    }

    [Fact]
    public async Task Update_of_an_unknown_id_only_adds_the_bounces()
    {
        QueueItem gone = Small("gone"), bounce = Small("bounce");
        gone.Envelope.Content.Release();
        await Storage.UpdateAsync(gone.Envelope.Id, Next(gone.State), [bounce], CancellationToken.None);
        bounce.Envelope.Content.Release();
        Assert.Null(await ReadAsync(gone.Envelope.Id));
        Assert.Equal(bounce.Envelope.Id, Assert.Single(await LoadAsync()).Id);
    }

    [Fact]
    public async Task Update_of_a_closed_item_does_not_bring_it_back()
    {
        QueueItem item = Small();
        await StoreAsync(item);
        await Storage.UpdateAsync(item.Envelope.Id, Closed(item.State), NoBounces, CancellationToken.None);
        await Storage.UpdateAsync(item.Envelope.Id, Next(Closed(item.State)) with { Recipients = item.State.Recipients }, NoBounces, CancellationToken.None);
        Assert.Null(await ReadAsync(item.Envelope.Id));
        Assert.Empty(await LoadAsync());
    }

    [Fact]
    public async Task Removed_item_is_gone_and_removing_it_again_is_no_error()
    {
        QueueId kept = await StoreSmallAsync(), removed = await StoreSmallAsync();
        await Storage.RemoveAsync(removed, CancellationToken.None);
        await Storage.RemoveAsync(removed, CancellationToken.None);
        await Storage.RemoveAsync(Envelopes.NewId(), CancellationToken.None);
        Assert.Null(await ReadAsync(removed));
        Assert.Equal(kept, Assert.Single(await LoadAsync()).Id);
    }

    [Fact]
    public async Task Unknown_id_reads_as_nothing() => Assert.Null(await Storage.ReadAsync(Envelopes.NewId(), CancellationToken.None));
}
