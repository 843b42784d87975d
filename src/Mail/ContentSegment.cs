using System.Buffers;

namespace SlimtaFast.Mail;

/// <summary>One pooled block of a content in memory.</summary>
internal sealed class ContentSegment : ReadOnlySequenceSegment<byte>
{
    /// <summary>Wraps a rented block of which nothing is used yet.</summary>
    public ContentSegment(byte[] block, long runningIndex)
    {
        Block = block;
        RunningIndex = runningIndex;
    }

    /// <summary>The rented block.</summary>
    public byte[] Block { get; }

    /// <summary>Octets in use.</summary>
    public int Used { get; private set; }

    /// <summary>Room left.</summary>
    public int Free => Block.Length - Used;

    /// <summary>The following block, or null.</summary>
    public ContentSegment? Following => (ContentSegment?)Next;

    /// <summary>Copies bytes in; they must fit.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Block.AsSpan(Used));
        Used += bytes.Length;
        Memory = Block.AsMemory(0, Used);
    }

    /// <summary>Hangs a fresh block behind this one.</summary>
    public ContentSegment Chain(byte[] block)
    {
        var next = new ContentSegment(block, RunningIndex + Used);
        Next = next;
        return next;
    }
}
