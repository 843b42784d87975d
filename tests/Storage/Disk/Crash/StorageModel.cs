using SlimtaFast.Mail;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Tests.Disk.Crash;

/// <summary>
/// Uses a storage and remembers what it promised, so that after a crash the one can be held against the other: what was acknowledged is
/// there and intact, what was not is there as a whole or not at all, what was closed stays closed, and a bounce is there exactly where
/// its state is.
/// </summary>
internal sealed class StorageModel
{
    private readonly List<TrackedItem> _items = [];
    private int _writes;

    /// <summary>Everything ever asked for.</summary>
    public IReadOnlyList<TrackedItem> Items => _items;

    /// <summary>Items that should be stored and are not being closed.</summary>
    public IEnumerable<TrackedItem> Open => _items.Where(static item => item.IsAcknowledged && !item.IsClosingAsked);

    /// <summary>Brings together what several users of one storage know.</summary>
    public static StorageModel Merge(IEnumerable<StorageModel> models)
    {
        var all = new StorageModel();
        foreach (StorageModel model in models)
        {
            // Writes are told apart by their numbers.
            foreach (IGrouping<int, TrackedItem> write in model._items.GroupBy(static item => item.Write).ToArray())
            {
                int number = ++all._writes;
                foreach (TrackedItem item in write)
                {
                    item.Write = number;
                    all._items.Add(item);
                }
            }
        }

        return all;
    }

    /// <summary>Writes some items that share one content; tells whether it was acknowledged.</summary>
    public async Task<bool> WriteAsync(IQueueStorage storage, int count, int length, bool begunThere = false)
    {
        byte[] bytes = Octets(length);
        MessageContent content;
        try
        {
            content = begunThere ? await BeginAsync(storage, bytes) : Contents.InMemory(bytes);
        }
        catch (Exception e) when (e is StorageException or IOException)
        {
            return false;
        }

        int write = ++_writes;
        TrackedItem[] tracked = [.. Enumerable.Range(0, count).Select(i => Track(Envelopes.MakeItem(content, "a@example.com", $"b@host{i}.example"), bytes, write, null, 0))];
        bool done = await TryAsync(storage.WriteAsync([.. tracked.Select(static one => one.Item)], CancellationToken.None));
        content.Release();
        foreach (TrackedItem one in tracked)
            one.IsAcknowledged = done;
        return done;
    }

    /// <summary>Writes some small items that share one content, or fails as the storage does.</summary>
    public async Task WriteOrThrowAsync(IQueueStorage storage, int count, int length)
    {
        byte[] bytes = Octets(length);
        MessageContent content = Contents.InMemory(bytes);
        int write = ++_writes;
        TrackedItem[] tracked = [.. Enumerable.Range(0, count).Select(i => Track(Envelopes.MakeItem(content, "a@example.com", $"b@host{i}.example"), bytes, write, null, 0))];
        try
        {
            await storage.WriteAsync([.. tracked.Select(static one => one.Item)], CancellationToken.None);
        }
        finally
        {
            content.Release();
        }

        foreach (TrackedItem one in tracked)
            one.IsAcknowledged = true;
    }

    /// <summary>Gives an item its next state, with bounces.</summary>
    public async Task<bool> UpdateAsync(IQueueStorage storage, TrackedItem item, bool close, int bounces)
    {
        DeliveryState state = item.Asked with
        {
            Version = item.Asked.Version + 1,
            Attempts = item.Asked.Attempts + 1,
            DueAt = item.Asked.DueAt.AddMinutes(1),
            RoutingDomain = bounces == 1 ? $"way{item.Asked.Version % 3}.example" : item.Asked.RoutingDomain,
            Recipients = [new RecipientStatus(close ? RecipientPhase.Delivered : RecipientPhase.Open, new SmtpReply(close ? 250 : 450, close ? "2.0.0" : "4.2.0", "noted"))],
        };
        item.Asked = state;
        if (close)
        {
            item.IsClosingAsked = true;
            item.ClosingVersion = state.Version;
        }

        int write = ++_writes;
        var tracked = new List<TrackedItem>();
        for (int i = 0; i < bounces; i++)
        {
            byte[] bytes = Octets(300 + i);
            tracked.Add(Track(Envelopes.MakeItem(Contents.InMemory(bytes), "", "a@example.com"), bytes, write, item, state.Version));
        }

        bool done = await TryAsync(storage.UpdateAsync(item.Id, state, [.. tracked.Select(static one => one.Item)], CancellationToken.None));
        foreach (TrackedItem bounce in tracked)
        {
            bounce.Item.Envelope.Content.Release();
            bounce.IsAcknowledged = done;
        }

        if (done)
        {
            item.AcknowledgedVersion = state.Version;
            item.IsClosed |= close;
        }

        return done;
    }

    /// <summary>Removes an item.</summary>
    public static async Task<bool> RemoveAsync(IQueueStorage storage, TrackedItem item)
    {
        item.IsClosingAsked = true;
        item.ClosingVersion = -1;
        bool done = await TryAsync(storage.RemoveAsync(item.Id, CancellationToken.None));
        item.IsClosed |= done;
        return done;
    }

    /// <summary>Holds a started storage against what was promised; throws with a description where it falls short.</summary>
    public async Task CheckAsync(IQueueStorage storage, string context)
    {
        var loaded = new Dictionary<QueueId, QueueEntry>();
        await foreach (QueueEntry entry in storage.LoadAsync(CancellationToken.None))
            Assert.True(loaded.TryAdd(entry.Id, entry), $"{context}: {entry.Id} was named twice");
        var present = new Dictionary<QueueId, int>();
        foreach (TrackedItem item in _items)
        {
            string what = $"{context}: item {item.Id} of write {item.Write} ({item.Bytes.Length} octets, acknowledged {item.IsAcknowledged}, version {item.AcknowledgedVersion} of {item.Asked.Version}, closing asked {item.IsClosingAsked}, closed {item.IsClosed})";
            bool isLoaded = loaded.Remove(item.Id, out QueueEntry entry);
            QueueItem? read = await storage.ReadAsync(item.Id, CancellationToken.None);
            // Named by the scan before it found out that a write which had failed left no content.
            bool mayVanish = isLoaded && !item.IsAcknowledged;
            Assert.True(read is not null == isLoaded || mayVanish, $"{what} is loaded {isLoaded}, but not read alike");
            if (item.IsClosed)
                Assert.False(isLoaded, $"{what} came back");
            else if (item.IsAcknowledged && !item.IsClosingAsked)
                Assert.True(isLoaded, $"{what} is lost");
            if (read is null)
                continue;
            byte[] bytes = await Contents.ReadAllAsync(read.Envelope.Content);
            read.Envelope.Content.Release();
            Assert.True(bytes.AsSpan().SequenceEqual(item.Bytes), $"{what} has another content");
            Assert.True(read.Envelope.Recipients[0].Address.Address == item.Item.Envelope.Recipients[0].Address.Address, $"{what} has another envelope");
            Assert.True(
                read.State.Version >= item.AcknowledgedVersion && read.State.Version <= item.Asked.Version,
                $"{what} has state {read.State.Version}");
            Assert.True(
                !isLoaded || (entry.Domain == read.Domain && entry.IsRerouted == read.State.RoutingDomain is not null),
                $"{what} is listed under {entry.Domain} (rerouted: {entry.IsRerouted}), and goes by {read.State.RoutingDomain ?? "its own"}");
            present.Add(item.Id, read.State.Version);
        }

        Assert.True(loaded.Count == 0, $"{context}: {loaded.Count} items that nobody wrote");
        CheckWrites(present, context);
        CheckBounces(present, context);
    }

    /// <summary>Takes what a storage has as what it promised: for going on after a crash.</summary>
    public async Task AdoptAsync(IQueueStorage storage)
    {
        foreach (TrackedItem item in _items)
        {
            QueueItem? read = await storage.ReadAsync(item.Id, CancellationToken.None);
            item.IsAcknowledged = read is not null || item.IsClosed;
            item.IsClosed = read is null;
            item.IsClosingAsked = read is null;
            if (read is null)
                continue;
            read.Envelope.Content.Release();
            item.AcknowledgedVersion = read.State.Version;
            item.Asked = read.State;
        }
    }

    private void CheckWrites(Dictionary<QueueId, int> present, string context)
    {
        foreach (IGrouping<int, TrackedItem> write in _items.Where(static item => item.Parent is null && !item.IsClosingAsked).GroupBy(static item => item.Write))
        {
            int there = write.Count(item => present.ContainsKey(item.Id));
            Assert.True(there == 0 || there == write.Count(), $"{context}: write {write.Key} was stored by half");
        }
    }

    private void CheckBounces(Dictionary<QueueId, int> present, string context)
    {
        foreach (TrackedItem bounce in _items.Where(static item => item.Parent is not null && !item.IsClosingAsked))
        {
            TrackedItem parent = bounce.Parent!;
            bool isThere = present.ContainsKey(bounce.Id);
            // An update that failed is not repeated here, so that a later one says nothing of its bounces.
            if (present.TryGetValue(parent.Id, out int version) && (bounce.IsAcknowledged || version <= bounce.ParentVersion))
                Assert.True(isThere == version >= bounce.ParentVersion, $"{context}: a bounce of version {bounce.ParentVersion} is there: {isThere}, its parent has {version}");
            else if (!present.ContainsKey(parent.Id) && parent.IsAcknowledged && parent.ClosingVersion == bounce.ParentVersion)
                Assert.True(isThere, $"{context}: an item was closed without its bounce");
        }
    }

    private TrackedItem Track(QueueItem item, byte[] bytes, int write, TrackedItem? parent, int parentVersion)
    {
        var tracked = new TrackedItem { Item = item, Bytes = bytes, Write = write, Parent = parent, ParentVersion = parentVersion, Asked = item.State };
        _items.Add(tracked);
        return tracked;
    }

    private byte[] Octets(int length)
    {
        byte[] bytes = new byte[length];
        new Random(_items.Count + (length * 31)).NextBytes(bytes);
        return bytes;
    }

    private static async Task<MessageContent> BeginAsync(IQueueStorage storage, byte[] bytes)
    {
        using ContentWriter writer = storage.BeginContent(Envelopes.NewId(), bytes.Length);
        await writer.WriteAsync(bytes, CancellationToken.None);
        return await writer.CompleteAsync(ContentTraits.None, CancellationToken.None);
    }

    private static async Task<bool> TryAsync(ValueTask operation)
    {
        try
        {
            await operation;
            return true;
        }
        catch (StorageException)
        {
            return false;
        }
    }
}
