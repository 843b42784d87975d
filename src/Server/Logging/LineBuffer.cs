using System.Buffers;
using System.Text;

namespace SlimtaFast.Server.Logging;

/// <summary>A growing buffer in which one thread builds one log line; kept for the thread's next line.</summary>
internal sealed class LineBuffer : IBufferWriter<byte>
{
    // A line that an exception blew up does not stay that large for ever.
    private const int LargestKept = 64 * 1024;

    [ThreadStatic]
    private static LineBuffer? _ofThread;

    private byte[] _bytes = new byte[1024];
    private int _length;

    /// <summary>This thread's buffer, empty.</summary>
    public static LineBuffer Rent()
    {
        LineBuffer buffer = _ofThread ??= new LineBuffer();
        buffer._length = 0;
        if (buffer._bytes.Length > LargestKept)
            buffer._bytes = new byte[1024];
        return buffer;
    }

    /// <summary>The line so far.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <inheritdoc/>
    public void Advance(int count) => _length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(Math.Max(sizeHint, 1));
        return _bytes.AsSpan(_length);
    }

    /// <summary>Appends bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Grow(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Appends text as UTF-8, with control characters as spaces, so that nobody can forge a line.</summary>
    public void AppendText(ReadOnlySpan<char> text)
    {
        Grow(Encoding.UTF8.GetMaxByteCount(text.Length));
        int written = Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length));
        Span<byte> added = _bytes.AsSpan(_length, written);
        for (int control = added.IndexOfAnyInRange((byte)0, (byte)31); control >= 0; control = added.IndexOfAnyInRange((byte)0, (byte)31))
            added[control] = (byte)' ';
        _length += written;
    }

    /// <summary>Appends the time as <c>2026-11-23T10:00:00.123Z</c>.</summary>
    public void AppendTime(DateTimeOffset time)
    {
        Grow(32);
        time.UtcDateTime.TryFormat(_bytes.AsSpan(_length), out int written, "yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);
        _length += written;
    }

    private void Grow(int needed)
    {
        if (_bytes.Length - _length < needed)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + needed));
    }
}
