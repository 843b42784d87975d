using System.Buffers;

namespace SlimtaFast.Queue.Intake;

/// <summary>Collects header fields from the last to the first in pooled memory. Not thread-safe.</summary>
internal sealed class HeaderBlock
{
    private const int FirstSize = 512;

    private byte[] _buffer = [];
    private int _start;

    /// <summary>The fields so far, the last added first.</summary>
    public ReadOnlySpan<byte> Fields => _buffer.AsSpan(_start);

    /// <summary>Puts fields in front.</summary>
    public void Prepend(ReadOnlySpan<byte> fields)
    {
        if (fields.Length > _start)
            Grow(fields.Length);
        _start -= fields.Length;
        fields.CopyTo(_buffer.AsSpan(_start));
    }

    /// <summary>All fields and then <paramref name="older"/> in one new array; the block is empty and freed afterwards.</summary>
    /// <param name="older">Fields that were there before.</param>
    /// <param name="endsSection">True where a blank line has to stand behind all fields.</param>
    public ReadOnlyMemory<byte> Finish(ReadOnlySpan<byte> older, bool endsSection)
    {
        ReadOnlyMemory<byte> all = Copy(older, endsSection);
        Free();
        return all;
    }

    /// <summary>All fields and then <paramref name="older"/> in one new array, as <see cref="Finish"/> would give them.</summary>
    public ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> older, bool endsSection)
    {
        ReadOnlySpan<byte> fields = Fields;
        if (fields.IsEmpty)
            return default;
        ReadOnlySpan<byte> blank = endsSection && !older.EndsWith("\r\n\r\n"u8) ? "\r\n"u8 : default;
        byte[] all = GC.AllocateUninitializedArray<byte>(fields.Length + older.Length + blank.Length);
        fields.CopyTo(all);
        older.CopyTo(all.AsSpan(fields.Length));
        blank.CopyTo(all.AsSpan(fields.Length + older.Length));
        return all;
    }

    /// <summary>Gives the pooled memory back.</summary>
    public void Free()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = 0;
    }

    private void Grow(int more)
    {
        int used = _buffer.Length - _start;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstSize, 2 * (used + more)));
        Fields.CopyTo(larger.AsSpan(larger.Length - used));
        Free();
        _buffer = larger;
        _start = larger.Length - used;
    }
}
