using System.Collections.Concurrent;
using System.Collections.Frozen;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Cloud.Records;

/// <summary>
/// Items that were there when a listing looked. What was written under one of them is an item for good, whatever became of the other since, so that nobody
/// need be asked for each of a message's items. Thread-safe but for <see cref="Listed"/>, which is set between pages.
/// </summary>
internal sealed class PresentItems
{
    private readonly ConcurrentDictionary<QueueId, bool> _asked = new();

    /// <summary>The items of the present page; those of pages before are forgotten, because there may be many.</summary>
    public FrozenSet<QueueId> Listed { get; set; } = [];

    /// <summary>True for one that is known to have been there.</summary>
    public bool Contains(QueueId id) => Listed.Contains(id) || _asked.ContainsKey(id);

    /// <summary>Notes one that was found by asking, and is on another page.</summary>
    public void Note(QueueId id) => _asked.TryAdd(id, true);
}
