using System.Threading.Tasks.Sources;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>
/// The stream under a <see cref="HalfClosingTls"/>: whoever waits for a read goes on while it holds the turn. One read at a time, begun by
/// somebody who has the turn. Disposing it disposes the stream below.
/// </summary>
internal sealed class TurnStream(Stream inner, Lock turn) : Stream, IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _read.Reset();
        short version = _read.Version;
        _ = CompleteAsync(buffer, cancellationToken);
        return new ValueTask<int>(this, version);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private async Task CompleteAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count = 0;
        Exception? failure = null;
        try
        {
            count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            failure = thrown;
        }

        lock (turn)
        {
            if (failure is null)
                _read.SetResult(count);
            else
                _read.SetException(failure);
        }
    }
}
