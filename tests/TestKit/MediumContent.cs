using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.TestKit;

/// <summary>
/// A content that is not in memory as far as its readers can tell: every reading completes later, and may give fewer octets than asked
/// for only at the end. Tells whether it was freed.
/// </summary>
public sealed class MediumContent : MessageContent
{
    private readonly byte[] _bytes;

    /// <summary>Makes a content of these octets.</summary>
    public MediumContent(byte[] bytes, QueueId id = default)
        : base(id, (bytes ?? throw new ArgumentNullException(nameof(bytes))).Length, Crc32C.Compute(bytes), Contents.TraitsOf(bytes)) => _bytes = bytes;

    /// <summary>True once the last reference was given back.</summary>
    public bool IsFreed { get; private set; }

    /// <summary>Octets that readers took so far.</summary>
    public long OctetsRead { get; private set; }

    /// <inheritdoc/>
    public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
    {
        bytes = default;
        return false;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsFreed, this);
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        int count = (int)Math.Clamp(_bytes.Length - offset, 0, buffer.Length);
        _bytes.AsSpan((int)Math.Min(offset, _bytes.Length), count).CopyTo(buffer.Span);
        OctetsRead += count;
        return count;
    }

    /// <inheritdoc/>
    protected override void Free() => IsFreed = true;
}
