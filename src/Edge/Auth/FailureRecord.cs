using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.Edge.Auth;

/// <summary>
/// Counts failed authentications of each address, an IPv6 one by its /64, because a host has all of that. The count of an address is
/// forgotten when none has failed for a while; memory is bounded. Thread-safe.
/// </summary>
internal sealed class FailureRecord
{
    private const int MostAddresses = 20_000;

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _memory;
    private readonly Dictionary<UInt128, Entry> _entries = [];

    /// <summary>Starts empty.</summary>
    public FailureRecord(TimeSpan memory, TimeProvider time)
    {
        _memory = memory;
        _time = time;
    }

    /// <summary>Failures of an address that still count.</summary>
    public int Count(IPAddress? address)
    {
        if (address is null)
            return 0;
        lock (_lock)
            return _entries.TryGetValue(GetKey(address), out Entry entry) && IsFresh(entry) ? entry.Failures : 0;
    }

    /// <summary>Counts one more; the result includes it.</summary>
    public int Add(IPAddress? address)
    {
        if (address is null)
            return 1;
        UInt128 key = GetKey(address);
        lock (_lock)
        {
            int failures = _entries.TryGetValue(key, out Entry entry) && IsFresh(entry) ? entry.Failures + 1 : 1;
            if (_entries.Count >= MostAddresses && !_entries.ContainsKey(key))
                MakeRoom();
            _entries[key] = new Entry(failures, _time.GetTimestamp());
            return failures;
        }
    }

    private bool IsFresh(Entry entry) => _time.GetElapsedTime(entry.Last) < _memory;

    // What is old goes; where nothing is, all but the worst offenders.
    private void MakeRoom()
    {
        foreach ((UInt128 key, Entry entry) in _entries)
        {
            if (!IsFresh(entry))
                _entries.Remove(key);
        }

        for (int least = 1; _entries.Count > MostAddresses / 2; least++)
        {
            foreach ((UInt128 key, Entry entry) in _entries)
            {
                if (entry.Failures <= least)
                    _entries.Remove(key);
            }
        }
    }

    private static UInt128 GetKey(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        octets.Clear();
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        address.TryWriteBytes(octets, out _);
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            octets[8..].Clear();
        // An IPv4 address stands in the lower half, where no /64 has anything.
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? BinaryPrimitives.ReadUInt128BigEndian(octets)
            : (UInt128)BinaryPrimitives.ReadUInt32BigEndian(octets) + 1;
    }

    private readonly record struct Entry(int Failures, long Last);
}
