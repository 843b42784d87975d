using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.TestKit;

/// <summary>A content that can only be read asynchronously, like one on a disk, a few octets at a time where that is asked for.</summary>
public sealed class StreamedContent : MessageContent
{
    private readonly byte[] _bytes;
    private readonly int _mostPerRead;

    /// <summary>Makes a content of these octets.</summary>
    /// <param name="bytes">The octets.</param>
    /// <param name="mostPerRead">Octets that one read gives at most.</param>
    public StreamedContent(byte[] bytes, int mostPerRead = int.MaxValue)
        : base(Envelopes.NewId(), bytes?.Length ?? 0, 0, Contents.TraitsOf(bytes))
    {
        ArgumentNullException.ThrowIfNull(bytes);
        _bytes = bytes;
        _mostPerRead = mostPerRead;
    }

    /// <summary>The offset at which reading fails, or null.</summary>
    public long? FailsAt { get; init; }

    /// <summary>Octets that were read so far, each as often as it was.</summary>
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
        await Task.Yield();
        int count = (int)Math.Min(Math.Min(buffer.Length, _mostPerRead), _bytes.Length - offset);
        if (offset + count > FailsAt)
            throw new IOException("The medium failed.");
        _bytes.AsMemory((int)offset, count).CopyTo(buffer);
        OctetsRead += count;
        return count;
    }

    /// <inheritdoc/>
    protected override void Free()
    {
    }
}
