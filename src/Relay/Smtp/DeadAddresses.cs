using System.Net;

namespace SlimtaFast.Relay.Smtp;

/// <summary>
/// Remembers for a while which addresses could not be reached, so that not every message waits for the same time-out. Bounded.
/// Thread-safe.
/// </summary>
internal sealed class DeadAddresses
{
    private const int Most = 10_000;

    private readonly TimeSpan _deadTime;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<EndPoint, DateTimeOffset> _until = [];

    /// <summary>Makes an empty memory.</summary>
    public DeadAddresses(TimeSpan deadTime, TimeProvider time)
    {
        _deadTime = deadTime;
        _time = time;
    }

    /// <summary>The address could not be reached.</summary>
    public void Add(EndPoint address)
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_gate)
        {
            if (_until.Count >= Most)
            {
                foreach ((EndPoint known, DateTimeOffset until) in _until)
                {
                    if (until <= now)
                        _until.Remove(known);
                }

                if (_until.Count >= Most)
                    return;
            }

            _until[address] = now + _deadTime;
        }
    }

    /// <summary>The address was reached.</summary>
    public void Remove(EndPoint address)
    {
        lock (_gate)
            _until.Remove(address);
    }

    /// <summary>
    /// Takes the dead out of the addresses; where all are dead, leaves the one whose turn to be tried again comes first.
    /// </summary>
    public void Filter(List<EndPoint> addresses)
    {
        if (addresses.Count == 0)
            return;
        DateTimeOffset now = _time.GetUtcNow();
        lock (_gate)
        {
            if (_until.Count == 0)
                return;
            EndPoint first = addresses[0];
            DateTimeOffset soonest = DateTimeOffset.MaxValue;
            foreach (EndPoint address in addresses)
            {
                if (_until.TryGetValue(address, out DateTimeOffset until) && until < soonest)
                    (first, soonest) = (address, until);
            }

            addresses.RemoveAll(address => _until.TryGetValue(address, out DateTimeOffset until) && until > now);
            if (addresses.Count == 0)
                addresses.Add(first);
        }
    }
}
