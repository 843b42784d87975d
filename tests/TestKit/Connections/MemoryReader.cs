using System.IO.Pipelines;

namespace SlimtaFast.TestKit.Connections;

/// <summary>The reading side of a <see cref="MemoryConnection"/>: a pipe's reader that also knows deadlines and aborts.</summary>
internal sealed class MemoryReader(PipeReader inner, MemoryConnection connection) : PipeReader
{
    private int _cancelled;

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
            // The connection cancels too, to have a fault noticed; that is not for the reader's user to see.
            if (!result.IsCanceled || Interlocked.Exchange(ref _cancelled, 0) != 0)
                return result;
            inner.AdvanceTo(result.Buffer.Start);
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead()
    {
        Volatile.Write(ref _cancelled, 1);
        inner.CancelPendingRead();
    }

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
