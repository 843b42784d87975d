using System.Buffers;

namespace SlimtaFast.Mail.Editing;

/// <summary>One piece of a sequence that is put together from memory of several owners.</summary>
internal sealed class SequencePiece : ReadOnlySequenceSegment<byte>
{
    private SequencePiece(ReadOnlyMemory<byte> memory, long runningIndex)
    {
        Memory = memory;
        RunningIndex = runningIndex;
    }

    /// <summary>A sequence of some octets and all pieces of another sequence behind them; nothing is copied.</summary>
    public static ReadOnlySequence<byte> Join(ReadOnlyMemory<byte> start, in ReadOnlySequence<byte> rest)
    {
        var first = new SequencePiece(start, 0);
        SequencePiece last = first;
        foreach (ReadOnlyMemory<byte> piece in rest)
        {
            if (piece.IsEmpty)
                continue;
            var next = new SequencePiece(piece, last.RunningIndex + last.Memory.Length);
            last.Next = next;
            last = next;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}
