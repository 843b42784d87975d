using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using SlimtaFast.Micro.Protocol;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Micro.Relay;

/// <summary>A server that answers everything at once, over and over from the third answer on.</summary>
internal sealed class AnsweringConnection(params byte[][] answers) : Connection
{
    private readonly Reader _input = new(answers);
    private readonly NowhereWriter _output = new();

    /// <inheritdoc/>
    public override PipeReader Input => _input;

    /// <inheritdoc/>
    public override PipeWriter Output => _output;

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint => null;

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint => null;

    /// <inheritdoc/>
    public override ValueTask SendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public override void SetDeadline(TimeSpan fromNow)
    {
    }

    /// <inheritdoc/>
    public override void Abort()
    {
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => default;

    private sealed class Reader(byte[][] answers) : PipeReader
    {
        // Greeting and hello come once.
        private const int Loop = 2;

        private int _next;

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            byte[] answer = answers[_next];
            _next = _next < answers.Length - 1 ? _next + 1 : Loop;
            return new ValueTask<ReadResult>(new ReadResult(new ReadOnlySequence<byte>(answer), false, false));
        }

        public override bool TryRead(out ReadResult result)
        {
            result = default;
            return false;
        }

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
