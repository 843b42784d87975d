namespace SlimtaFast.TestKit.Files;

/// <summary>
/// The octets of a simulated file: as programs see them, as they are on the medium, and for each unflushed sector every version that the
/// system may have written on its own in between. Guarded by the disk's lock.
/// </summary>
internal sealed class SimulatedNode(SimulatedDisk disk)
{
    /// <summary>What a drive writes whole or not at all.</summary>
    public const int Sector = 512;

    private readonly SortedDictionary<int, List<byte[]>> _dirty = [];
    private readonly List<int> _lengths = [];
    private byte[] _current = [];
    private byte[] _stable = [];
    private int _stableLength;

    /// <summary>The length that programs see.</summary>
    public int Length { get; private set; }

    /// <summary>True where a power cut could change what programs see.</summary>
    public bool IsDirty => _dirty.Count > 0 || _lengths.Count > 0;

    /// <summary>Copies octets out.</summary>
    public int Read(long offset, Span<byte> buffer)
    {
        if (offset >= Length)
            return 0;
        ReadOnlySpan<byte> found = _current.AsSpan((int)offset, (int)Math.Min(buffer.Length, Length - offset));
        found.CopyTo(buffer);
        return found.Length;
    }

    /// <summary>Copies octets in; false, with as much written as there is room for, where the disk is full.</summary>
    public bool Write(long offset, ReadOnlySpan<byte> bytes)
    {
        long room = offset + bytes.Length > Length ? Room() : long.MaxValue;
        int fitting = (int)Math.Clamp(room, 0, bytes.Length);
        if (fitting > 0)
        {
            Grow((int)offset + fitting);
            bytes[..fitting].CopyTo(_current.AsSpan((int)offset));
            MarkDirty((int)offset, fitting);
        }

        return fitting == bytes.Length;
    }

    /// <summary>Cuts or extends; false where the disk is full.</summary>
    public bool SetLength(long length)
    {
        if (length > Length)
        {
            if (length - Length > Room())
                return false;
            Grow((int)length);
            return true;
        }

        int cut = Length - (int)length;
        if (cut == 0)
            return true;
        _current.AsSpan((int)length, cut).Clear();
        MarkDirty((int)length, cut);
        Length = (int)length;
        _lengths.Add(Length);
        return true;
    }

    /// <summary>Makes what programs see stable; octets that an earlier flush lost stay lost.</summary>
    public void Flush()
    {
        foreach ((int sector, List<byte[]> versions) in _dirty)
            Keep(sector, versions[^1]);
        _dirty.Clear();
        FlushLength();
    }

    /// <summary>A flush failed: some sectors got through, the others count as clean from now on but are not on the medium.</summary>
    public void LoseUnflushed(Random random)
    {
        foreach ((int sector, List<byte[]> versions) in _dirty)
        {
            if (random.Next(2) == 0)
                Keep(sector, versions[^1]);
        }

        _dirty.Clear();
    }

    /// <summary>Keeps a random choice of unflushed sectors and one of the unflushed lengths.</summary>
    public void PowerCut(Random random, double chance)
    {
        foreach ((int sector, List<byte[]> versions) in _dirty)
        {
            if (random.NextDouble() < chance)
                Keep(sector, versions[random.Next(versions.Count)]);
        }

        _dirty.Clear();
        if (_lengths.Count > 0 && random.NextDouble() < chance)
            _stableLength = _lengths[random.Next(_lengths.Count)];
        _lengths.Clear();
        Reserve(ref _stable, _stableLength);
        _stable.AsSpan(_stableLength).Clear();
        _current = [.. _stable];
        Length = _stableLength;
    }

    private long Room() => disk.Capacity == long.MaxValue ? long.MaxValue : disk.Capacity - disk.UsedBytes;

    private void Grow(int length)
    {
        if (length <= Length)
            return;
        Reserve(ref _current, length);
        Length = length;
        _lengths.Add(length);
    }

    private void MarkDirty(int offset, int count)
    {
        for (int sector = offset / Sector; sector <= (offset + count - 1) / Sector; sector++)
        {
            if (!_dirty.TryGetValue(sector, out List<byte[]>? versions))
                _dirty[sector] = versions = [];
            byte[] version = new byte[Sector];
            _current.AsSpan(sector * Sector, Math.Min(Sector, _current.Length - (sector * Sector))).CopyTo(version);
            versions.Add(version);
        }
    }

    private void FlushLength()
    {
        _stableLength = Length;
        _lengths.Clear();
    }

    private void Keep(int sector, byte[] version)
    {
        Reserve(ref _stable, (sector + 1) * Sector);
        version.CopyTo(_stable.AsSpan(sector * Sector));
    }

    private static void Reserve(ref byte[] array, int length)
    {
        if (length > array.Length)
            Array.Resize(ref array, Math.Max((length + Sector - 1) / Sector * Sector, array.Length * 2));
    }
}
