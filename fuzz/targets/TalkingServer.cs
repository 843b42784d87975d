using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// A connection whose far end says the input line by line, whatever the client does, then closes: each read shows one line more.
/// What the client says is only counted.
/// </summary>
internal sealed class TalkingServer : Connection
{
    private readonly Mouth _input;
    private readonly Ear _output = new();

    public TalkingServer(byte[] talk) => _input = new Mouth(talk);

    /// <summary>Octets that the client sent.</summary>
    public long Heard { get; private set; }

    /// <summary>True once the client gave the connection up.</summary>
    public bool IsAborted { get; private set; }

    public override PipeReader Input => _input;

    public override PipeWriter Output => _output;

    public override EndPoint? RemoteEndPoint => null;

    public override EndPoint? LocalEndPoint => null;

    public override ValueTask SendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        Heard += bytes.Length;
        return ValueTask.CompletedTask;
    }

    public override void SetDeadline(TimeSpan fromNow)
    {
    }

    public override void Abort() => IsAborted = true;

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Mouth(byte[] talk) : PipeReader
    {
        private int _start;
        private int _end;
        private int _examined;

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            if (_examined == _end && _end < talk.Length)
            {
                int line = talk.AsSpan(_end).IndexOf((byte)'\n');
                _end = line < 0 ? talk.Length : _end + line + 1;
            }

            bool isOver = _examined == talk.Length;
            return new ValueTask<ReadResult>(new ReadResult(new ReadOnlySequence<byte>(talk, _start, _end - _start), false, isOver));
        }

        public override bool TryRead(out ReadResult result)
        {
            result = default;
            return false;
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            _start = consumed.GetInteger();
            _examined = examined.GetInteger();
        }

        public override void CancelPendingRead()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }
    }

    private sealed class Ear : PipeWriter
    {
        private readonly byte[] _room = new byte[16 * 1024];

        public override void Advance(int bytes)
        {
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => _room;

        public override Span<byte> GetSpan(int sizeHint = 0) => _room;

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => default;
    }
}
