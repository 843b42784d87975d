using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Micro.Protocol;

/// <summary>A client that says hello once and then the same pieces so many times, without any socket.</summary>
internal sealed class LoopingConnection : Connection
{
    private readonly LoopingReader _input;
    private readonly NowhereWriter _output = new();

    /// <summary>Says <paramref name="hello"/> and then <paramref name="pieces"/> <paramref name="times"/> times.</summary>
    public LoopingConnection(byte[] hello, byte[][] pieces, int times) => _input = new LoopingReader(hello, pieces, times);

    /// <inheritdoc/>
    public override PipeReader Input => _input;

    /// <inheritdoc/>
    public override PipeWriter Output => _output;

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint => null;

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint => null;

    /// <inheritdoc/>
    public override ValueTask SendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public override void SetDeadline(TimeSpan fromNow)
    {
    }

    /// <inheritdoc/>
    public override void Abort()
    {
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class LoopingReader(byte[] hello, byte[][] pieces, int times) : PipeReader
    {
        private int _reads = -1;

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            int read = _reads++;
            bool isOver = read >= pieces.Length * times;
            ReadOnlySequence<byte> bytes = isOver ? default : new ReadOnlySequence<byte>(read < 0 ? hello : pieces[read % pieces.Length]);
            return new ValueTask<ReadResult>(new ReadResult(bytes, false, isOver));
        }

        public override bool TryRead(out ReadResult result) => throw new NotSupportedException();

        public override void AdvanceTo(SequencePosition consumed)
        {
        }

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
        }

        public override void CancelPendingRead()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }
    }
}
