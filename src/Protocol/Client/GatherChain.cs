using System.Buffers;

namespace SlimtaFast.Protocol.Client;

/// <summary>Collects slices of memory into one sequence for a gathered write, without copying them. Its links are used again.</summary>
internal sealed class GatherChain
{
    /// <summary>Slices that should leave in one write at most: more than this gains nothing, and a kernel takes 1,024 at a time.</summary>
    public const int Most = 256;

    private readonly List<Link> _links = new(4);
    private long _length;

    /// <summary>Slices collected.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a slice; an empty one is passed over.</summary>
    public void Add(ReadOnlyMemory<byte> slice)
    {
        if (slice.IsEmpty)
            return;
        if (Count == _links.Count)
            _links.Add(new Link());
        Link link = _links[Count];
        link.Set(slice, _length);
        if (Count > 0)
            _links[Count - 1].SetNext(link);
        Count++;
        _length += slice.Length;
    }

    /// <summary>All slices as one sequence, valid until <see cref="Clear"/>.</summary>
    public ReadOnlySequence<byte> ToSequence()
    {
        if (Count == 0)
            return ReadOnlySequence<byte>.Empty;
        Link last = _links[Count - 1];
        return new ReadOnlySequence<byte>(_links[0], 0, last, last.Memory.Length);
    }

    /// <summary>Lets go of the slices, so that an idle session keeps no message's memory alive.</summary>
    public void Clear()
    {
        for (int i = 0; i < Count; i++)
            _links[i].Reset();
        Count = 0;
        _length = 0;
    }

    private sealed class Link : ReadOnlySequenceSegment<byte>
    {
        public void Set(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public void SetNext(Link next) => Next = next;

        public void Reset()
        {
            Memory = default;
            Next = null;
        }
    }
}
