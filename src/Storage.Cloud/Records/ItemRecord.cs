using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Cloud.Records;

/// <summary>
/// The changing part of an item as it is kept: a JSON object by itself once it changed, and the first line of the item's object before that. Times are
/// milliseconds since 1970 by the store's clock. Immutable.
/// </summary>
internal sealed record ItemRecord
{
    /// <summary>Counts the holders.</summary>
    public long Epoch { get; init; } = QueueLease.First;

    /// <summary>True while somebody holds it, or has let the time of his lease pass.</summary>
    public bool Leased { get; init; }

    /// <summary>When the lease ends, or else when the item may be claimed.</summary>
    public long Until { get; init; }

    /// <summary>The time under which the item stands in the list of due times.</summary>
    public long Marker { get; init; }

    /// <summary>The version of the delivery state.</summary>
    public int Version { get; init; }

    /// <summary>When the next attempt is due: seconds since 1970, exact to the tick.</summary>
    public decimal Timestamp { get; init; }

    /// <summary>Attempts made.</summary>
    public int Attempts { get; init; }

    /// <summary>Octets of added headers and content.</summary>
    public long Octets { get; init; }

    /// <summary>What decides over the order of work.</summary>
    public byte Urgency { get; init; }

    /// <summary>The domain that decides the next hop.</summary>
    public string Domain { get; init; } = "";

    /// <summary>The content, where it is an object of its own.</summary>
    public string? Content { get; init; }

    /// <summary>True where other items were written with this one that need the same content.</summary>
    public bool Shares { get; init; }

    /// <summary>The delivery state as a block, once there was an attempt.</summary>
    public byte[]? State { get; init; }

    /// <summary>True where the item is gone but for what has to be cleaned up.</summary>
    public bool Closed { get; init; }

    /// <summary>The item by whose being there, or by whose step, this one becomes an item at all.</summary>
    public string? Under { get; init; }

    /// <summary>The epoch of the step; 0 where the other item only has to be there.</summary>
    public long UnderEpoch { get; init; }

    /// <summary>The version of the step.</summary>
    public int UnderVersion { get; init; }

    /// <summary>Items that came to be with this one and may have no record of their own yet.</summary>
    public string[]? Releases { get; init; }

    /// <summary>
    /// When the item may be claimed as one that is due, unless somebody claims or changes it before that: one that was taken by its id waits for its own due
    /// time where its lease ends before that, and one that an operator holds does so always.
    /// </summary>
    public long ClaimableAt()
    {
        DateTimeOffset due = RecordTime.FromSeconds(Timestamp);
        return Leased || due >= DeliveryState.HeldUntil ? Math.Max(Until, RecordTime.Milliseconds(due)) : Until;
    }

    /// <summary>The record of a new item.</summary>
    public static ItemRecord Of(QueueItem item, bool hasContentObject, TimeSpan lease, long now)
    {
        long due = RecordTime.Milliseconds(item.State.DueAt);
        long until = lease > TimeSpan.Zero ? now + RecordTime.Milliseconds(lease) : due;
        return new ItemRecord
        {
            Leased = lease > TimeSpan.Zero,
            Until = until,
            Marker = until,
            Version = item.State.Version,
            Timestamp = RecordTime.Seconds(item.State.DueAt),
            Attempts = item.State.Attempts,
            Octets = item.Envelope.Length,
            Urgency = SlimtaFast.Storage.Urgency.Of(item.Envelope).Octet,
            Domain = item.Domain,
            Content = hasContentObject ? item.Envelope.Content.Id.ToString() : null,
        };
    }

    /// <summary>What the scheduler must know.</summary>
    public QueueEntry ToEntry(QueueId id, SharedDomains domains) =>
        new(id, RecordTime.FromSeconds(Timestamp), Attempts, domains.Share(Domain), Octets, Storage.Urgency.FromOctet(Urgency));

    /// <summary>The ids of <see cref="Releases"/>.</summary>
    public IEnumerable<QueueId> ReleasedIds()
    {
        foreach (string text in Releases ?? [])
        {
            if (QueueId.TryParse(text, out QueueId id))
                yield return id;
        }
    }
}
