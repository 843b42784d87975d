namespace SlimtaFast.Queue.RabbitMq.Consuming;

/// <summary>
/// Sees to it that no destination has all of a work queue's room: the queue gets so many messages of each at once, and the others stand behind them. Its
/// owner's lock covers it.
/// </summary>
internal sealed class DomainShares
{
    private readonly Dictionary<string, int> _claimed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LinkedList<HeldDelivery>> _behind = new(StringComparer.Ordinal);
    private readonly int _share;

    /// <summary>Allows each destination so many.</summary>
    public DomainShares(int share) => _share = share;

    /// <summary>Counts a message for its destination; false where it has to stand behind others.</summary>
    public bool TryTake(HeldDelivery delivery)
    {
        int count = _claimed.GetValueOrDefault(delivery.Domain);
        if (count < _share)
        {
            _claimed[delivery.Domain] = count + 1;
            return true;
        }

        if (!_behind.TryGetValue(delivery.Domain, out LinkedList<HeldDelivery>? behind))
            _behind.Add(delivery.Domain, behind = new LinkedList<HeldDelivery>());
        behind.AddLast(delivery);
        return false;
    }

    /// <summary>Ends what <see cref="TryTake"/> counted; the result is whose turn it is now, or null.</summary>
    public HeldDelivery? Return(string domain)
    {
        if (_claimed[domain] == 1)
            _claimed.Remove(domain);
        else
            _claimed[domain]--;
        return Next(domain);
    }

    /// <summary>Whose turn it is at a destination that has room; null for nobody's.</summary>
    public HeldDelivery? Next(string domain)
    {
        if (!_behind.TryGetValue(domain, out LinkedList<HeldDelivery>? behind))
            return null;
        HeldDelivery next = behind.First!.Value;
        behind.RemoveFirst();
        if (behind.Count == 0)
            _behind.Remove(domain);
        return next;
    }

    /// <summary>Forgets a message that stands behind others.</summary>
    public void Leave(HeldDelivery delivery)
    {
        if (_behind.TryGetValue(delivery.Domain, out LinkedList<HeldDelivery>? behind) && behind.Remove(delivery) && behind.Count == 0)
            _behind.Remove(delivery.Domain);
    }

    /// <summary>Those that came before a time stamp and stand behind others.</summary>
    public IEnumerable<HeldDelivery> BehindSince(long before) => _behind.Values.SelectMany(behind => behind.TakeWhile(delivery => delivery.ArrivedAt <= before));
}
