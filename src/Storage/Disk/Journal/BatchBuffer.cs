using System.Buffers;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>
/// The aligned memory in which a batch is put together. Grows for a record larger than expected and shrinks at the next reset. Used by
/// one thread.
/// </summary>
internal sealed class BatchBuffer : IBufferWriter<byte>, IDisposable
{
    private readonly int _usualSize;
    private AlignedBuffer _memory;
    private int _length;

    /// <summary>Takes memory for batches of a usual size in octets.</summary>
    public BatchBuffer(int usualSize)
    {
        _usualSize = (int)JournalLayout.ToPage(usualSize);
        _memory = new AlignedBuffer(_usualSize, JournalLayout.PageSize);
    }

    /// <summary>Octets in use.</summary>
    public int Length => _length;

    /// <summary>The octets in use.</summary>
    public Span<byte> Written => _memory.Span[.._length];

    /// <summary>Forgets everything, and what the buffer grew.</summary>
    public void Reset()
    {
        _length = 0;
        if (_memory.Span.Length <= _usualSize)
            return;
        _memory.Dispose();
        _memory = new AlignedBuffer(_usualSize, JournalLayout.PageSize);
    }

    /// <summary>Takes back what was written behind an offset.</summary>
    public void Truncate(int length) => _length = length;

    /// <summary>Leaves room to be filled later, and returns where it starts.</summary>
    public int Reserve(int octets)
    {
        int start = _length;
        GetSpan(octets);
        _length += octets;
        return start;
    }

    /// <summary>Fills up with zeros to a multiple of a power of two.</summary>
    public void PadTo(int multiple)
    {
        int padding = -_length & (multiple - 1);
        GetSpan(padding)[..padding].Clear();
        _length += padding;
    }

    /// <summary>Appends octets.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        _length += bytes.Length;
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_memory.Span.Length - _length));
        _length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _memory.Memory[_length..];
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _memory.Span[_length..];
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private void Ensure(int sizeHint)
    {
        int needed = checked(_length + Math.Max(sizeHint, 1));
        if (needed <= _memory.Span.Length)
            return;
        var larger = new AlignedBuffer((int)JournalLayout.ToPage(Math.Max(needed, Math.Min(needed * 2L, int.MaxValue / 2))), JournalLayout.PageSize);
        _memory.Span[.._length].CopyTo(larger.Span);
        _memory.Dispose();
        _memory = larger;
    }
}
