using System.Buffers;

namespace SlimtaFast.Queue;

/// <summary>Decides what becomes of each field of a received header section. See <see cref="IncomingMessage.EditHeadersAsync"/>.</summary>
public interface IHeaderEdit
{
    /// <summary>Looks at one field: true to put what was written to <paramref name="replacement"/> in its place (nothing, to remove it).</summary>
    /// <param name="name">The field's name as received.</param>
    /// <param name="value">All behind the colon: folded lines and the last line end belong to it.</param>
    /// <param name="replacement">Takes a complete field, or several, each ended by CRLF. What is written counts only with true.</param>
    bool TryEdit(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, IBufferWriter<byte> replacement);
}
