namespace SlimtaFast.Storage.Cloud.Tests.Memory;

/// <summary>What in-memory message queues of several processes share. Thread-safe.</summary>
public sealed class MemoryBroker
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];
    private int _receipts;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>True where messages can be delayed and hidden one by one; else it is as Zaqar is.</summary>
    public bool CanDelay { get; init; } = true;

    /// <summary>True to lose every message.</summary>
    public bool Loses { get; set; }

    /// <summary>Messages that are there, hidden ones included.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    /// <summary>Another process's way to it.</summary>
    public IMessageQueue Open() => new MemoryMessageQueue(this);

    /// <summary>Puts a message in, or loses it.</summary>
    public void Send(string body, TimeSpan delay)
    {
        if (Loses)
            return;
        lock (_gate)
        {
            _entries.Add(new Entry(body, DateTimeOffset.UtcNow + delay));
            _news.TrySetResult();
            _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    internal (List<ReceivedMessage> Messages, Task News, TimeSpan Next) Receive(int max, TimeSpan hidden)
    {
        lock (_gate)
        {
            DateTimeOffset now = DateTimeOffset.UtcNow;
            var received = new List<ReceivedMessage>();
            foreach (Entry entry in _entries.Where(entry => entry.VisibleAt <= now).Take(max))
            {
                entry.VisibleAt = now + hidden;
                entry.Receipt = $"{++_receipts}";
                received.Add(new ReceivedMessage(entry.Body, entry.Receipt, ++entry.Receives));
            }

            TimeSpan next = _entries.Count == 0 ? TimeSpan.FromSeconds(20) : _entries.Min(static entry => entry.VisibleAt) - now;
            return (received, _news.Task, next);
        }
    }

    internal void Hide(IReadOnlyList<string> receipts, TimeSpan hidden)
    {
        lock (_gate)
        {
            foreach (Entry entry in _entries.Where(entry => entry.Receipt is not null && receipts.Contains(entry.Receipt)))
                entry.VisibleAt = DateTimeOffset.UtcNow + hidden;
            _news.TrySetResult();
            _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    internal void Delete(IReadOnlyList<string> receipts)
    {
        lock (_gate)
            _entries.RemoveAll(entry => entry.Receipt is not null && receipts.Contains(entry.Receipt));
    }

    private sealed class Entry(string body, DateTimeOffset visibleAt)
    {
        public string Body { get; } = body;

        public DateTimeOffset VisibleAt { get; set; } = visibleAt;

        public string? Receipt { get; set; }

        public int Receives { get; set; }
    }
}
