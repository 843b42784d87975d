using System.Net;

namespace SlimtaFast.Relay.Smtp;

/// <summary>
/// Remembers for a while with which addresses TLS failed, so that not every message tries it in vain before it goes in clear. Bounded.
/// Thread-safe.
/// </summary>
internal sealed class BrokenTls
{
    private const int Most = 10_000;

    private readonly TimeSpan _time;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly Dictionary<EndPoint, long> _since = [];

    /// <summary>Makes an empty memory.</summary>
    public BrokenTls(TimeSpan time, TimeProvider clock)
    {
        _time = time;
        _clock = clock;
    }

    /// <summary>TLS failed with the address.</summary>
    public void Add(EndPoint address)
    {
        lock (_gate)
        {
            // A full memory costs its hosts one attempt each.
            if (_since.Count >= Most)
                _since.Clear();
            _since[address] = _clock.GetTimestamp();
        }
    }

    /// <summary>True where TLS failed with the address lately.</summary>
    public bool Contains(EndPoint address)
    {
        lock (_gate)
        {
            if (_since.Count == 0 || !_since.TryGetValue(address, out long since))
                return false;
            if (_clock.GetElapsedTime(since) < _time)
                return true;
            _since.Remove(address);
            return false;
        }
    }
}
