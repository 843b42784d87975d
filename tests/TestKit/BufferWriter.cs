using System.Buffers;

namespace SlimtaFast.TestKit;

/// <summary>
/// A buffer writer of fixed size that allocates nothing after it was made, hands out exactly what was asked for (so that writing more
/// fails loudly), and can be emptied for the next use.
/// </summary>
public sealed class BufferWriter : IBufferWriter<byte>
{
    private readonly byte[] _buffer;
    private int _written;

    /// <summary>Makes a writer that holds so many octets.</summary>
    public BufferWriter(int capacity = 1024 * 1024) => _buffer = new byte[capacity];

    /// <summary>What was written since the last <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _written);

    /// <summary>A copy of what was written.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>Empties the writer.</summary>
    public void Clear() => _written = 0;

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _written);
        _written += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0) => _buffer.AsMemory(_written, Math.Max(1, sizeHint));

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
