using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Tasks.Sources;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.TestKit.Connections;

/// <summary>
/// A server that answers each flush with the next of its answers, over and over, and allocates nothing: what a test then measures is the
/// session's own. A read either finds the answer at once or waits for <see cref="Release"/>.
/// </summary>
public sealed class AnsweringConnection : Connection
{
    private readonly byte[][] _answers;
    private readonly Writer _output;
    private readonly Reader _input;
    private int _next;

    public AnsweringConnection(bool waits, params byte[][] answers)
    {
        _answers = answers;
        _input = new Reader(waits);
        _output = new Writer(this);
    }

    public override PipeReader Input => _input;

    public override PipeWriter Output => _output;

    public override EndPoint? RemoteEndPoint => null;

    public override EndPoint? LocalEndPoint => null;

    public int Sends { get; private set; }

    public override ValueTask SendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        Sends++;
        Answer();
        return ValueTask.CompletedTask;
    }

    /// <summary>Puts the next answer there without a flush: the greeting.</summary>
    public void Answer()
    {
        _input.Available = _answers[_next];
        _next = _next == _answers.Length - 1 ? _next : _next + 1;
    }

    /// <summary>Lets a waiting read go on, within this call.</summary>
    public bool Release() => _input.Release();

    public override void SetDeadline(TimeSpan fromNow)
    {
    }

    public override void Abort()
    {
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Writer(AnsweringConnection connection) : PipeWriter
    {
        private readonly byte[] _buffer = new byte[64 * 1024];

        public override void Advance(int bytes)
        {
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => _buffer;

        public override Span<byte> GetSpan(int sizeHint = 0) => _buffer;

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            connection.Answer();
            return default;
        }
    }

    private sealed class Reader(bool waits) : PipeReader, IValueTaskSource<ReadResult>
    {
        private ManualResetValueTaskSourceCore<ReadResult> _source;
        private bool _isWaiting;

        public byte[] Available { get; set; } = [];

        public bool Release()
        {
            if (!_isWaiting)
                return false;
            _isWaiting = false;
            _source.SetResult(Result());
            return true;
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            if (!waits)
                return new ValueTask<ReadResult>(Result());
            _isWaiting = true;
            return new ValueTask<ReadResult>(this, _source.Version);
        }

        public override bool TryRead(out ReadResult result)
        {
            result = default;
            return false;
        }

        public override void AdvanceTo(SequencePosition consumed) => Available = [];

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => Available = [];

        public override void CancelPendingRead()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }

        public ReadResult GetResult(short token)
        {
            ReadResult result = _source.GetResult(token);
            _source.Reset();
            return result;
        }

        public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _source.OnCompleted(continuation, state, token, flags);

        private ReadResult Result() => new(new ReadOnlySequence<byte>(Available), false, false);
    }
}
