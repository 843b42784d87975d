using System.Buffers;

namespace SlimtaFast.Protocol.Transport.Reactors;

/// <summary>A piece of memory that is a sequence segment at the same time, so that chaining allocates nothing.</summary>
internal sealed class Block : ReadOnlySequenceSegment<byte>
{
    public Block(int size, bool pooled)
    {
        // Pooled blocks live long and go to system calls all the time: on the pinned heap the collector never has to step around them.
        Bytes = GC.AllocateUninitializedArray<byte>(size, pinned: pooled);
        Pooled = pooled;
        Memory = Bytes;
    }

    public byte[] Bytes { get; }

    public bool Pooled { get; }

    public Block? Following => (Block?)Next;

    /// <summary>Ends this block after <paramref name="length"/> bytes and lets another follow.</summary>
    public void Append(Block next, int length)
    {
        Memory = Bytes.AsMemory(0, length);
        next.RunningIndex = RunningIndex + length;
        Next = next;
    }

    /// <summary>Makes it a block of its own again.</summary>
    public void Reset()
    {
        Next = null;
        RunningIndex = 0;
        if (Memory.Length != Bytes.Length)
        {
            Memory = Bytes;
        }
    }
}
