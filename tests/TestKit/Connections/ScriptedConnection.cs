using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.TestKit.Connections;

/// <summary>A connection in memory whose peer says what a script says, in its pieces, and whose answers are kept flush by flush.</summary>
public sealed class ScriptedConnection : Connection
{
    private readonly ScriptedReader _input;
    private readonly RecordingWriter _output = new();
    private readonly List<TimeSpan> _deadlines = new(1024);

    /// <summary>Plays a script; <paramref name="inSegments"/> shows each unused piece as a segment of its own.</summary>
    public ScriptedConnection(IReadOnlyList<byte[]> pieces, ScriptEnd atEnd = ScriptEnd.Close, bool inSegments = false) =>
        _input = new ScriptedReader(pieces, atEnd, inSegments);

    /// <summary>Plays a script of texts, one octet a character.</summary>
    public ScriptedConnection(params string[] pieces)
        : this([.. pieces.Select(Encoding.Latin1.GetBytes)])
    {
    }

    /// <inheritdoc/>
    public override PipeReader Input => _input;

    /// <inheritdoc/>
    public override PipeWriter Output => _output;

    /// <summary>The playing side.</summary>
    public ScriptedReader Script => _input;

    /// <summary>The recording side.</summary>
    public RecordingWriter Answers => _output;

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint { get; } = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 40_000);

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 25);

    /// <summary>What <see cref="Tls"/> says.</summary>
    public string? Security { get; init; }

    /// <summary>What <see cref="ChannelBinding"/> gives for every kind.</summary>
    public ReadOnlyMemory<byte> Binding { get; init; }

    /// <inheritdoc/>
    public override string? Tls => Security;

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> ChannelBinding(string kind) => Binding;

    /// <summary>The deadlines that were set, in order.</summary>
    public IReadOnlyList<TimeSpan> Deadlines => _deadlines;

    /// <summary>Starts the script again and forgets the answers, for measuring.</summary>
    public void Rewind()
    {
        _input.Rewind();
        _output.Clear();
        _deadlines.Clear();
    }

    /// <inheritdoc/>
    public override async ValueTask SendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        foreach (ReadOnlyMemory<byte> piece in bytes)
            _output.Write(piece.Span);
        await _output.FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void SetDeadline(TimeSpan fromNow) => _deadlines.Add(fromNow);

    /// <inheritdoc/>
    public override void Abort()
    {
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
