using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>A connection that allocates nothing itself and tells how much was allocated between a read and the last one.</summary>
internal sealed class MeasuredConnection : Connection
{
    private readonly PieceReader _input;
    private readonly NowhereWriter _output = new();

    public MeasuredConnection(byte[][] pieces, int warmUpReads) => _input = new PieceReader(pieces, warmUpReads);

    public long Allocated => _input.Allocated;

    public override PipeReader Input => _input;

    public override PipeWriter Output => _output;

    public override EndPoint? RemoteEndPoint => null;

    public override EndPoint? LocalEndPoint => null;

    public override ValueTask SendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public override void SetDeadline(TimeSpan fromNow)
    {
    }

    public override void Abort()
    {
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class PieceReader(byte[][] pieces, int warmUpReads) : PipeReader
    {
        private int _next;
        private long _before;

        public long Allocated { get; private set; }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            if (_next == pieces.Length - warmUpReads)
                _before = GC.GetAllocatedBytesForCurrentThread();
            if (_next == pieces.Length)
            {
                Allocated = GC.GetAllocatedBytesForCurrentThread() - _before;
                return new ValueTask<ReadResult>(new ReadResult(default, false, true));
            }

            return new ValueTask<ReadResult>(new ReadResult(new ReadOnlySequence<byte>(pieces[_next++]), false, false));
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

    private sealed class NowhereWriter : PipeWriter
    {
        private readonly byte[] _room = new byte[64 * 1024];

        public override void Advance(int bytes)
        {
        }

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => default;

        public override Memory<byte> GetMemory(int sizeHint = 0) => _room;

        public override Span<byte> GetSpan(int sizeHint = 0) => _room;
    }
}
