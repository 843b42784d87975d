using SlimtaFast.Mail;

namespace SlimtaFast.Queue.RabbitMq.Consuming;

/// <summary>
/// Remembers what this process is done with, so that a message whose acknowledgement got lost with the connection is not attempted again when it comes
/// back. Its owner's lock covers it.
/// </summary>
internal sealed class SettledItems
{
    // Acknowledgements that are on their way are hundreds; this is some minutes of a busy worker.
    private const int Most = 20_000;

    private readonly Dictionary<QueueId, int> _versions = [];
    private readonly Queue<QueueId> _order = new();

    /// <summary>Notes that everything up to a version is done with.</summary>
    public void Add(QueueId id, int version)
    {
        if (!_versions.TryGetValue(id, out int known))
            _order.Enqueue(id);
        _versions[id] = Math.Max(known, version);
        while (_order.Count > Most)
            _versions.Remove(_order.Dequeue());
    }

    /// <summary>True where a version is done with.</summary>
    public bool Has(QueueId id, int version) => _versions.TryGetValue(id, out int known) && version <= known;
}
