using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Tests.Fakes;

/// <summary>A storage in memory that fails when a test says so; a failure may come before or after the work was done.</summary>
internal sealed class FaultyStorage : IQueueStorage
{
    private readonly MemoryStorage _inner = new();

    /// <summary>Says of an operation, by name, whether it fails: null for not.</summary>
    public Func<string, StorageFailure?> Fails { get; set; } = static _ => null;

    /// <summary>Whether a failing operation is done nevertheless.</summary>
    public Func<bool> DoneNevertheless { get; set; } = static () => false;

    /// <summary>Whether updates wait for <see cref="Release"/>.</summary>
    public bool HoldsUpdates { get; set; }

    /// <summary>Which items a listing names ahead of their turn.</summary>
    public Func<QueueEntry, bool> IsEarly { get; set; } = static _ => false;

    /// <summary>Entries after which a listing breaks off, once.</summary>
    public int? BreaksOffAfter { get; set; }

    /// <summary>The operations that were done.</summary>
    public List<string> Done { get; } = [];

    private List<TaskCompletionSource> Held { get; } = [];

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ContentWriter BeginContent(QueueId id, long? sizeHint) => _inner.BeginContent(id, sizeHint);

    public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken) =>
        DoAsync("write", () => _inner.WriteAsync(items, cancellationToken));

    public async ValueTask UpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken)
    {
        if (HoldsUpdates)
        {
            var held = new TaskCompletionSource();
            Held.Add(held);
            await held.Task;
        }

        await DoAsync("update", () => _inner.UpdateAsync(id, state, bounces, cancellationToken));
    }

    public ValueTask RemoveAsync(QueueId id, CancellationToken cancellationToken) => DoAsync("remove", () => _inner.RemoveAsync(id, cancellationToken));

    public ValueTask<QueueItem?> ReadAsync(QueueId id, CancellationToken cancellationToken)
    {
        if (Fails("read") is { } failure)
            throw new StorageException(failure, "As the test says.");
        Done.Add("read");
        return _inner.ReadAsync(id, cancellationToken);
    }

    public async IAsyncEnumerable<QueueEntry> LoadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Fails("load") is { } failure)
            throw new StorageException(failure, "As the test says.");
        List<QueueEntry> all = [];
        await foreach (QueueEntry entry in _inner.LoadAsync(cancellationToken))
            all.Add(entry);
        List<QueueEntry> listed = [.. all.Where(IsEarly).Select(static entry => entry with { IsEarly = true }), .. all.Where(entry => !IsEarly(entry))];
        for (int i = 0; i < listed.Count; i++)
        {
            if (i == BreaksOffAfter)
            {
                BreaksOffAfter = null;
                throw new StorageException(StorageFailure.Unavailable, "As the test says.");
            }

            yield return listed[i];
        }
    }

    public StorageInfo GetInfo() => _inner.GetInfo();

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    /// <summary>Lets the updates that wait go on.</summary>
    public void Release()
    {
        foreach (TaskCompletionSource held in Held.ToArray())
            held.SetResult();
        Held.Clear();
    }

    /// <summary>Everything stored at present.</summary>
    public List<QueueItem> Items()
    {
        List<QueueItem> items = [];
        IAsyncEnumerator<QueueEntry> entries = _inner.LoadAsync(CancellationToken.None).GetAsyncEnumerator();
        while (entries.MoveNextAsync().AsTask().GetAwaiter().GetResult())
        {
            QueueItem item = _inner.ReadAsync(entries.Current.Id, CancellationToken.None).AsTask().GetAwaiter().GetResult()!;
            items.Add(item);
            item.Envelope.Content.Release();
        }

        return items;
    }

    private async ValueTask DoAsync(string operation, Func<ValueTask> work)
    {
        StorageFailure? failure = Fails(operation);
        if (failure is null || DoneNevertheless())
        {
            await work();
            Done.Add(operation);
        }

        if (failure is not null)
            throw new StorageException(failure.Value, "As the test says.");
    }
}
