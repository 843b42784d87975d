using System.IO.Pipelines;

namespace SlimtaFast.TestKit.Connections;

/// <summary>The reading side of a <see cref="MemoryConnection"/>: a pipe's reader that also knows deadlines and aborts.</summary>
internal sealed class MemoryReader(PipeReader inner, MemoryConnection connection) : PipeReader
{
    public override bool TryRead(out ReadResult result)
    {
        connection.ThrowIfFaulted();
        return inner.TryRead(out result);
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            connection.ThrowIfFaulted();
            ReadResult result = await inner.ReadAsync(cancellationToken);
            if (!result.IsCanceled)
                return result;
            inner.AdvanceTo(result.Buffer.Start);
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
