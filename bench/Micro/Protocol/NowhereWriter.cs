using System.IO.Pipelines;

namespace SlimtaFast.Micro.Protocol;

/// <summary>An output that takes everything and keeps nothing.</summary>
internal sealed class NowhereWriter : PipeWriter
{
    private readonly byte[] _room = new byte[64 * 1024];

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush()
    {
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => default;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0) => _room;

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => _room;
}
