namespace SlimtaFast.Queue.Scheduling;

/// <summary>
/// The next hops by name. One with nothing left to do is remembered for what was learnt of it, but only so many of them, the longest
/// idle forgotten first. Not thread-safe.
/// </summary>
internal sealed class HopTable
{
    private const int MostIdle = 4096;

    private readonly Dictionary<string, Hop> _hops = new(StringComparer.Ordinal);
    private readonly LinkedList<Hop> _idle = new();
    private readonly HopLimits _limits;

    /// <summary>Makes an empty table.</summary>
    public HopTable(HopLimits limits) => _limits = limits;

    /// <summary>All hops known at present, idle ones included.</summary>
    public Dictionary<string, Hop>.ValueCollection All => _hops.Values;

    /// <summary>The hop of that name, made where it is new.</summary>
    public Hop Get(NextHop next)
    {
        if (!_hops.TryGetValue(next.Name, out Hop? hop))
        {
            hop = new Hop(next, _limits);
            _hops.Add(next.Name, hop);
        }
        else if (hop.IdleNode.List is not null)
        {
            _idle.Remove(hop.IdleNode);
        }

        if (hop.IsUnmet)
            hop.Meet(next);

        return hop;
    }

    /// <summary>The hop of that name where it is known; null else.</summary>
    public Hop? Find(string name) => _hops.GetValueOrDefault(name);

    /// <summary>Lets a hop be forgotten some day, where nothing is left to do for it.</summary>
    public void Settle(Hop hop)
    {
        if (!hop.IsIdle || hop.IdleNode.List is not null)
            return;
        _idle.AddLast(hop.IdleNode);
        if (_idle.Count <= MostIdle)
            return;
        Hop oldest = _idle.First!.Value;
        _idle.RemoveFirst();
        _hops.Remove(oldest.Name);
    }
}
