using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Sharing;

/// <summary>
/// A content that can be read only while its item is ours: whoever sends it cannot come to its end, and so not to the final dot, once somebody else may
/// have the item. That holds for a process that was stopped for long, too, because each read looks at the clock.
/// </summary>
internal sealed class LeasedContent : MessageContent
{
    // What is sent in a step or two. The longer ones are read piece by piece, so that the clock is looked at close to the end.
    private const int MostAtOnce = 64 * 1024;

    private readonly MessageContent _inner;
    private readonly HeldLease _lease;

    /// <summary>Stands for a content, to which it takes a reference, as long as the lease is valid.</summary>
    public LeasedContent(MessageContent inner, HeldLease lease)
        : base(inner.Id, inner.Length, inner.Crc, inner.Traits)
    {
        inner.Retain();
        _inner = inner;
        _lease = lease;
    }

    /// <inheritdoc/>
    public override long OctetsInMemory => _inner.OctetsInMemory;

    /// <inheritdoc/>
    public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
    {
        if (Length <= MostAtOnce && _lease.IsValid && _inner.TryGetMemory(out bytes))
        {
            _lease.IsReadToEnd = true;
            return true;
        }

        bytes = default;
        return false;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        // Behind the read, which may have taken its time.
        int read = await _inner.ReadAsync(offset, buffer, cancellationToken);
        if (!_lease.IsValid)
            throw new IOException("The message may be another process's by now.");
        if (offset + read >= Length)
            _lease.IsReadToEnd = true;
        return read;
    }

    /// <inheritdoc/>
    protected override void Free() => _inner.Release();
}
