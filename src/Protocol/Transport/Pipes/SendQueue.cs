using System.Buffers;
using SlimtaFast.Protocol.Transport.Reactors;

namespace SlimtaFast.Protocol.Transport.Pipes;

/// <summary>
/// The bytes that are not sent: a chain of blocks that were written to, and behind them a sequence of the caller's. A field of its
/// owner, never copied.
/// </summary>
internal struct SendQueue
{
    private ReadOnlySequence<byte> _attached;
    private Block? _head;
    private Block? _tail;
    private int _start;
    private int _end;

    /// <summary>Bytes in the blocks.</summary>
    public readonly long Written => _head is null ? 0 : _tail!.RunningIndex + _end - _head.RunningIndex - _start;

    /// <summary>True where bytes of the caller's are not sent.</summary>
    public readonly bool HasAttached => !_attached.IsEmpty;

    /// <summary>Room to write to, of at least <paramref name="sizeHint"/> bytes and at least one.</summary>
    public Memory<byte> GetSpace(BlockPool pool, int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if (_tail is not { } tail)
        {
            _head = _tail = pool.Rent(sizeHint);
            _start = _end = 0;
        }
        else if (tail.Bytes.Length - _end < Math.Max(sizeHint, 1))
        {
            // Who writes much gets large blocks.
            Block next = pool.Rent(Math.Max(sizeHint, Written >= BlockPool.LargeSize ? BlockPool.LargeSize : 0));
            tail.Append(next, _end);
            _tail = next;
            _end = 0;
        }

        return _tail!.Bytes.AsMemory(_end);
    }

    /// <summary>Adds what was written into the space.</summary>
    public void Add(int count)
    {
        if (_tail is null ? count != 0 : (uint)count > (uint)(_tail.Bytes.Length - _end))
        {
            throw new ArgumentOutOfRangeException(nameof(count));
        }

        _end += count;
    }

    /// <summary>Lets bytes of the caller's follow the written ones; they stay the caller's.</summary>
    public void Attach(in ReadOnlySequence<byte> bytes) => _attached = bytes;

    /// <summary>Forgets the caller's bytes.</summary>
    public void Detach() => _attached = default;

    /// <summary>True where nothing is left; an empty block is returned then.</summary>
    public bool IsDone(BlockPool pool)
    {
        if (Written != 0)
        {
            return false;
        }

        ReleaseBlocks(pool);
        if (HasAttached)
        {
            return false;
        }

        // The rest of a sequence is an empty one that still holds on to the caller's memory.
        _attached = default;
        return true;
    }

    /// <summary>Sends in one call; returns what the connection returns.</summary>
    public readonly int Send(ReactorConnection connection)
    {
        if (_head is null)
        {
            return _attached.IsSingleSegment ? connection.Send(_attached.FirstSpan) : connection.SendGathered(default, _attached);
        }

        if (ReferenceEquals(_head, _tail) && _attached.IsEmpty)
        {
            return connection.Send(_head.Bytes.AsSpan(_start, _end - _start));
        }

        return connection.SendGathered(new ReadOnlySequence<byte>(_head, _start, _tail!, _end), _attached);
    }

    /// <summary>The next bytes in one piece.</summary>
    public readonly ReadOnlySpan<byte> GetFirst()
    {
        if (_head is not null)
        {
            return _head.Bytes.AsSpan(_start, HeadLength());
        }

        foreach (ReadOnlyMemory<byte> segment in _attached)
        {
            if (!segment.IsEmpty)
            {
                return segment.Span;
            }
        }

        return default;
    }

    /// <summary>Removes what was sent.</summary>
    public void Remove(BlockPool pool, int sent)
    {
        while (_head is { } head)
        {
            int length = HeadLength();
            if (sent < length)
            {
                _start += sent;
                return;
            }

            sent -= length;
            if (ReferenceEquals(head, _tail))
            {
                ReleaseBlocks(pool);
                break;
            }

            _head = head.Following;
            _start = 0;
            pool.Return(head);
        }

        if (sent > 0)
        {
            _attached = _attached.Slice(sent);
        }
    }

    /// <summary>Drops everything.</summary>
    public void Clear(BlockPool pool)
    {
        _attached = default;
        ReleaseBlocks(pool);
    }

    private readonly int HeadLength() => (ReferenceEquals(_head, _tail) ? _end : _head!.Memory.Length) - _start;

    private void ReleaseBlocks(BlockPool pool)
    {
        Block? block = _head;
        while (block is not null)
        {
            Block? next = block.Following;
            pool.Return(block);
            block = next;
        }

        _head = null;
        _tail = null;
        _start = 0;
        _end = 0;
    }
}
