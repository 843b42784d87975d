namespace SlimtaFast.Relay.Pipe;

/// <summary>The first KiB of what a program wrote; the rest is counted. Not thread-safe.</summary>
internal sealed class KeptOutput
{
    /// <summary>Octets that are kept at most.</summary>
    public const int Most = 1024;

    private readonly byte[] _kept = new byte[Most];
    private int _length;

    /// <summary>What was kept.</summary>
    public ReadOnlySpan<byte> Octets => _kept.AsSpan(0, _length);

    /// <summary>Octets written in all.</summary>
    public long Written { get; private set; }

    /// <summary>True where more would only be counted.</summary>
    public bool IsFull => _length == Most;

    /// <summary>Takes octets, of which it keeps what there is room for.</summary>
    public void Add(ReadOnlySpan<byte> octets)
    {
        Written += octets.Length;
        octets = octets[..Math.Min(octets.Length, Most - _length)];
        octets.CopyTo(_kept.AsSpan(_length));
        _length += octets.Length;
    }
}
