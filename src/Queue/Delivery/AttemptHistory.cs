using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Delivery;

/// <summary>
/// The last attempts at items that were deferred, in memory: so many in all, the oldest forgotten first. What is delivered at the first attempt
/// never gets here. Thread-safe.
/// </summary>
internal sealed class AttemptHistory(int most)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<QueueId, Queue<PastAttempt>> _attempts = [];

    // In the order in which they were made. Those of items that are gone stay until their turn comes to be forgotten.
    private readonly Queue<(QueueId Id, PastAttempt Attempt)> _order = new();

    /// <summary>Notes an attempt after which somebody is still open.</summary>
    public void Add(QueueId id, PastAttempt attempt)
    {
        lock (_gate)
        {
            while (_order.Count >= most)
            {
                if (_order.Count == 0)
                    return;
                (QueueId oldest, PastAttempt first) = _order.Dequeue();
                if (!_attempts.TryGetValue(oldest, out Queue<PastAttempt>? attempts) || !ReferenceEquals(attempts.Peek(), first))
                    continue;
                attempts.Dequeue();
                if (attempts.Count == 0)
                    _attempts.Remove(oldest);
            }

            if (!_attempts.TryGetValue(id, out Queue<PastAttempt>? list))
                _attempts.Add(id, list = new Queue<PastAttempt>(1));
            list.Enqueue(attempt);
            _order.Enqueue((id, attempt));
        }
    }

    /// <summary>Forgets an item.</summary>
    public void Forget(QueueId id)
    {
        lock (_gate)
            _attempts.Remove(id);
    }

    /// <summary>The attempts at an item that are remembered, the oldest first.</summary>
    public IReadOnlyList<PastAttempt> Get(QueueId id)
    {
        lock (_gate)
            return _attempts.TryGetValue(id, out Queue<PastAttempt>? attempts) ? [.. attempts] : [];
    }
}
