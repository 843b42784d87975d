using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Tests.Client;

/// <summary>A content, which stays the test's, that notes whether any of it was handed out.</summary>
internal sealed class WatchedContent(MessageContent inner) : MessageContent(inner.Id, inner.Length, inner.Crc, inner.Traits)
{
    /// <summary>True once somebody got octets of it.</summary>
    public bool IsTaken { get; private set; }

    public override long OctetsInMemory => inner.OctetsInMemory;

    public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
    {
        IsTaken = true;
        return inner.TryGetMemory(out bytes);
    }

    public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        IsTaken = true;
        return inner.ReadAsync(offset, buffer, cancellationToken);
    }

    protected override void Free()
    {
        // The test's.
    }
}
