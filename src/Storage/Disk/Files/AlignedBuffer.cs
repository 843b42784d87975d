using System.Buffers;
using System.Runtime.InteropServices;

namespace SlimtaFast.Storage.Disk.Files;

/// <summary>Zeroed memory at an aligned address that never moves, for files past the page cache. Its one owner disposes it, after the last use.</summary>
internal sealed unsafe class AlignedBuffer : MemoryManager<byte>
{
    private readonly int _length;
    private byte* _start;

    /// <summary>Takes memory from the system.</summary>
    /// <param name="length">Octets.</param>
    /// <param name="alignment">A power of two that the address is a multiple of.</param>
    public AlignedBuffer(int length, int alignment)
    {
        _length = length;
        _start = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(length, 1), (nuint)Math.Max(alignment, sizeof(nint)));
        new Span<byte>(_start, length).Clear();
    }

    /// <summary>The octets.</summary>
    public Span<byte> Span => GetSpan();

    /// <inheritdoc/>
    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        return new Span<byte>(_start, _length);
    }

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

    /// <inheritdoc/>
    public override void Unpin()
    {
        // Native memory stays where it is.
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => ((IDisposable)this).Dispose();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_start is null)
            return;
        NativeMemory.AlignedFree(_start);
        _start = null;
    }
}
