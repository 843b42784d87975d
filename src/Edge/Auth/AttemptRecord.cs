using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace SlimtaFast.Edge.Auth;

/// <summary>
/// Counts attempts to authenticate, those that failed or those that did not, of each address, an IPv6 one by its /64, because a host has all of
/// that, of each account, or of an account from an address. Counts are forgotten after a while; memory is bounded, also against long names.
/// Thread-safe.
/// </summary>
internal sealed class AttemptRecord
{
    private const int MostEntries = 20_000;

    private readonly Lock _lock;
    private readonly TimeProvider _time;
    private readonly TimeSpan _memory;
    private readonly bool _isRenewed;
    private readonly Dictionary<UInt128, Entry> _entries;

    /// <summary>Makes a record.</summary>
    /// <param name="memory">How long a count is remembered.</param>
    /// <param name="time">The clock.</param>
    /// <param name="isRenewed">True to remember it for so long since the last attempt, false since the first.</param>
    /// <param name="earlier">One whose counts it shares from then on, by its own memory; null to start empty.</param>
    public AttemptRecord(TimeSpan memory, TimeProvider time, bool isRenewed = true, AttemptRecord? earlier = null)
    {
        _lock = earlier?._lock ?? new Lock();
        _entries = earlier?._entries ?? [];
        _memory = memory;
        _time = time;
        _isRenewed = isRenewed;
    }

    /// <summary>Attempts of an address that still count.</summary>
    public int Count(IPAddress? address) => address is null ? 0 : Count(GetKey(address));

    /// <summary>Attempts as an account that still count, whether it exists or not.</summary>
    public int Count(string account) => Count(GetKey(account));

    /// <summary>The same from one address only.</summary>
    public int Count(string account, IPAddress? address) => address is null ? 0 : Count(GetKey(account, address));

    /// <summary>Counts one more attempt of an address; the result includes it.</summary>
    public int Add(IPAddress? address) => address is null ? 1 : Add(GetKey(address));

    /// <summary>Counts one more attempt as an account; the result includes it.</summary>
    public int Add(string account) => Add(GetKey(account));

    /// <summary>Counts one more attempt as an account from an address; the result includes it.</summary>
    public int Add(string account, IPAddress? address) => address is null ? 1 : Add(GetKey(account, address));

    private int Count(UInt128 key)
    {
        lock (_lock)
            return _entries.TryGetValue(key, out Entry entry) && IsFresh(entry) ? entry.Attempts : 0;
    }

    private int Add(UInt128 key)
    {
        lock (_lock)
        {
            bool isKnown = _entries.TryGetValue(key, out Entry entry);
            bool isFresh = isKnown && IsFresh(entry);
            int attempts = isFresh ? entry.Attempts + 1 : 1;
            if (_entries.Count >= MostEntries && !isKnown)
                MakeRoom();
            _entries[key] = new Entry(attempts, isFresh && !_isRenewed ? entry.Since : _time.GetTimestamp());
            return attempts;
        }
    }

    private bool IsFresh(Entry entry) => _time.GetElapsedTime(entry.Since) < _memory;

    // What is old goes; where nothing is, all but the most frequent.
    private void MakeRoom()
    {
        foreach ((UInt128 key, Entry entry) in _entries)
        {
            if (!IsFresh(entry))
                _entries.Remove(key);
        }

        for (int least = 1; _entries.Count > MostEntries / 2; least++)
        {
            foreach ((UInt128 key, Entry entry) in _entries)
            {
                if (entry.Attempts <= least)
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

    // Names are the same whatever their case, and however long they are their key has one size.
    private static UInt128 GetKey(string account) =>
        BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(account.ToUpperInvariant())));

    private static UInt128 GetKey(string account, IPAddress address)
    {
        UInt128 client = GetKey(address);
        return UInt128.RotateLeft(GetKey(account), 1) ^ client;
    }

    private readonly record struct Entry(int Attempts, long Since);
}
