namespace SlimtaFast.Relay.Routing;

/// <summary>
/// Relays by the text that they are made of, the longest unused making room when there are too many. One that is in use is disposed when its
/// last use ends. Thread-safe.
/// </summary>
internal sealed class RelayCache : IAsyncDisposable
{
    private readonly Func<string, IRelay> _make;
    private readonly int _most;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _byText = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byUse = new();
    private readonly HashSet<Task> _closing = [];
    private bool _isDisposed;

    /// <summary>Makes relays by <paramref name="make"/> and keeps as many.</summary>
    public RelayCache(Func<string, IRelay> make, int most)
    {
        _make = make;
        _most = most;
    }

    /// <summary>The relay of that text, until the use ends; throws what making one throws.</summary>
    public Use Take(string text)
    {
        Entry? surplus = null;
        Entry taken;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_byText.TryGetValue(text, out LinkedListNode<Entry>? node))
            {
                _byUse.Remove(node);
            }
            else
            {
                node = new LinkedListNode<Entry>(new Entry(text, _make(text)));
                _byText.Add(text, node);
            }

            _byUse.AddLast(node);
            taken = node.Value;
            taken.Uses++;
            if (_byText.Count > _most)
            {
                surplus = _byUse.First!.Value;
                _byUse.RemoveFirst();
                _byText.Remove(surplus.Text);
                surplus.IsLeaving = true;
                if (surplus.Uses > 0)
                    surplus = null;
            }
        }

        Close(surplus);
        return new Use(this, taken);
    }

    /// <summary>Disposes all that is not in use; the rest follows when its uses end.</summary>
    public async ValueTask DisposeAsync()
    {
        List<Entry> leaving;
        lock (_gate)
        {
            _isDisposed = true;
            leaving = [.. _byUse];
            foreach (Entry entry in leaving)
                entry.IsLeaving = true;
            leaving.RemoveAll(static entry => entry.Uses > 0);
            _byUse.Clear();
            _byText.Clear();
        }

        foreach (Entry entry in leaving)
            await entry.Relay.DisposeAsync();
        Task[] closing;
        lock (_gate)
            closing = [.. _closing];
        await Task.WhenAll(closing);
    }

    private void End(Entry entry)
    {
        bool isLast;
        lock (_gate)
            isLast = --entry.Uses == 0 && entry.IsLeaving;
        if (isLast)
            Close(entry);
    }

    // Its farewells to servers take a while, for which nobody waits but a stop.
    private void Close(Entry? entry)
    {
        if (entry is null)
            return;
        Task closing = entry.Relay.DisposeAsync().AsTask();
        if (closing.IsCompletedSuccessfully)
            return;
        lock (_gate)
            _closing.Add(closing);
        _ = closing.ContinueWith(
            static (ended, state) => ((RelayCache)state!).Forget(ended), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Forget(Task ended)
    {
        lock (_gate)
            _closing.Remove(ended);
    }

    /// <summary>A relay that is being used.</summary>
    internal readonly struct Use(RelayCache cache, Entry entry)
    {
        /// <summary>The relay.</summary>
        public IRelay Relay => entry.Relay;

        /// <summary>Ends the use; called once.</summary>
        public void End() => cache.End(entry);
    }

    /// <summary>A relay that is kept.</summary>
    internal sealed class Entry(string text, IRelay relay)
    {
        public string Text { get; } = text;

        public IRelay Relay { get; } = relay;

        public int Uses { get; set; }

        public bool IsLeaving { get; set; }
    }
}
