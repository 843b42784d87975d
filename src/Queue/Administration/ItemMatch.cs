using SlimtaFast.Mail;
using SlimtaFast.Queue.Scheduling;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Administration;

/// <summary>
/// Tells whether a filter means an item by what is known of it unread. The relay, which may look a next hop up, is asked once for each domain. For one caller at
/// a time.
/// </summary>
internal sealed class ItemMatch
{
    private readonly QueueFilter _filter;
    private readonly Func<string, NextHop> _getNextHop;
    private readonly DateTimeOffset _now;
    private readonly Dictionary<string, bool> _hops = [];

    /// <summary>Goes by a filter as it is to be understood now.</summary>
    public ItemMatch(QueueFilter filter, Func<string, NextHop> getNextHop, DateTimeOffset now)
    {
        _filter = filter;
        _getNextHop = getNextHop;
        _now = now;
    }

    /// <summary>True for an item that this process has, as it is here.</summary>
    public bool IsMeant(in SlotFacts facts) => IsMeant(ItemSearch.ToPublic(facts.Place), facts.Id, facts.Domain, facts.Attempts);

    /// <summary>True for an item that this process does not have, as the storage names it.</summary>
    public bool IsMeant(in QueueEntry entry) => IsMeant(SharedSearch.PlaceOf(entry.DueAt, _now), entry.Id, entry.Domain, entry.Attempts);

    private bool IsMeant(QueuePlace place, QueueId id, string domain, int attempts)
    {
        if ((_filter.Place is not null && _filter.Place != place) || !_filter.Matches(id, attempts, _now))
            return false;
        if (_filter.NextHop is null)
            return true;
        if (!_hops.TryGetValue(domain, out bool isHop))
            _hops.Add(domain, isHop = _getNextHop(domain).Name.Equals(_filter.NextHop, StringComparison.OrdinalIgnoreCase));
        return isHop;
    }
}
