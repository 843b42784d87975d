using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;

namespace SlimtaFast.Server.Bench;

/// <summary>
/// One load connection: takes messages from the schedule and drives them through, on a thread of the transport, opening a new session
/// where the last one ended. Allocates nothing per message.
/// </summary>
internal sealed class LoadConnection
{
    // So many failures on end, without a single success in between, and the connection gives up instead of hammering a dead server.
    private const int MostFailuresOnEnd = 10;

    // Each handshake is a whole one.
    private static readonly TlsClientSettings Handshake = new() { Resume = false };

    private readonly ITransport _transport;
    private readonly EndPoint _server;
    private readonly LoadScript _script;
    private readonly LoadSchedule _schedule;
    private readonly Pacer? _pacer;
    private readonly int _messagesPerSession;
    private readonly TimeSpan _patience;
    private readonly bool _tls;
    private readonly bool _sessionsOnly;
    private readonly long _start;
    private readonly long _countFrom;
    private readonly PacedWait _wait = new();
    private Connection? _connection;
    private LoadDialogue? _dialogue;
    private int _messagesInSession;
    private int _failuresOnEnd;

    /// <summary>Prepares a connection; <paramref name="start"/> is the run's start as a timestamp of <see cref="Stopwatch"/>.</summary>
    public LoadConnection(ITransport transport, EndPoint server, LoadScript script, LoadSchedule schedule, Pacer? pacer, LoadPlan plan, long start)
    {
        _transport = transport;
        _server = server;
        _script = script;
        _schedule = schedule;
        _pacer = pacer;
        _messagesPerSession = plan.MessagesPerConnection;
        _patience = plan.Patience;
        _tls = plan.Tls;
        _sessionsOnly = plan.SessionsOnly;
        _start = start;
        _countFrom = start + (long)(plan.WarmUp.TotalSeconds * Stopwatch.Frequency);
    }

    /// <summary>What became of the messages.</summary>
    public LoadTally Tally { get; } = new();

    /// <summary>Runs until the schedule has no message left, or the server is given up.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration cut = cancellationToken.Register(() => _connection?.Abort());
        while (_failuresOnEnd < MostFailuresOnEnd && !cancellationToken.IsCancellationRequested && _schedule.TryTake(out TimeSpan due))
        {
            long begin = 0;
            if (_pacer is not null)
            {
                begin = _start + (long)(due.TotalSeconds * Stopwatch.Frequency);
                if (begin > Stopwatch.GetTimestamp())
                    await _wait.UntilAsync(begin, _pacer);
            }

            try
            {
                if (begin == 0 && _sessionsOnly)
                    begin = Stopwatch.GetTimestamp();
                if (_connection is null)
                    await OpenAsync(cancellationToken);
                if (begin == 0)
                    begin = Stopwatch.GetTimestamp();
                if (_sessionsOnly)
                    await FinishSessionAsync(begin);
                else
                    await DeliverAsync(begin);
            }
            catch (Exception failure) when (failure is IOException or SocketException or TimeoutException or OperationCanceledException)
            {
                Fail(failure is SocketException refused ? refused.SocketErrorCode.ToString() : failure.Message);
                await DropAsync();
            }
        }

        await QuitAsync();
    }

    private async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        _connection = await _transport.ConnectAsync(_server, null, cancellationToken);
        _connection.SetDeadline(_patience);
        _dialogue = new LoadDialogue(_script);
        _messagesInSession = 0;
        Tally.Connections++;
        if (await ExchangeAsync(_connection, _dialogue, send: false) != LoadEvent.Ready)
            throw new IOException($"the server refused the session with {_dialogue.LastRefusal}");
        if (_tls)
            await StartTlsAsync(_connection, _dialogue, cancellationToken);
    }

    private static async ValueTask StartTlsAsync(Connection connection, LoadDialogue dialogue, CancellationToken cancellationToken)
    {
        dialogue.StartTls();
        if (await ExchangeAsync(connection, dialogue, send: true) != LoadEvent.Ready)
            throw new IOException($"the server refused STARTTLS with {dialogue.LastRefusal}");
        await connection.AuthenticateAsClientAsync(Handshake, "bench.test", cancellationToken);
        dialogue.SayHello();
        if (await ExchangeAsync(connection, dialogue, send: true) != LoadEvent.Ready)
            throw new IOException($"the server refused the hello under TLS with {dialogue.LastRefusal}");
    }

    private async ValueTask FinishSessionAsync(long begin)
    {
        _failuresOnEnd = 0;
        if (begin >= _countFrom)
            Tally.Accept(Stopwatch.GetElapsedTime(begin));
        await QuitAsync();
    }

    private async ValueTask DeliverAsync(long begin)
    {
        _connection!.SetDeadline(_patience);
        _dialogue!.BeginMessage();
        LoadEvent result = await ExchangeAsync(_connection, _dialogue, send: true);
        if (result == LoadEvent.Accepted)
        {
            _failuresOnEnd = 0;
            if (begin >= _countFrom)
                Tally.Accept(Stopwatch.GetElapsedTime(begin));
        }
        else
        {
            Fail($"reply {_dialogue.LastRefusal}");
        }

        if (result == LoadEvent.Closed)
            await DropAsync();
        else if (++_messagesInSession == _messagesPerSession)
            await QuitAsync();
    }

    private async ValueTask QuitAsync()
    {
        if (_connection is null)
            return;
        try
        {
            _dialogue!.Quit();
            await ExchangeAsync(_connection, _dialogue, send: true);
        }
        catch (Exception gone) when (gone is IOException or TimeoutException)
        {
            // All messages are counted; a server that hangs up instead of answering QUIT changes nothing of it.
        }

        await DropAsync();
    }

    private async ValueTask DropAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    private void Fail(string kind)
    {
        _failuresOnEnd++;
        Tally.Fail(kind);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<LoadEvent> ExchangeAsync(Connection connection, LoadDialogue dialogue, bool send)
    {
        if (send)
            await connection.SendAsync(dialogue.Outgoing, CancellationToken.None);
        PipeReader input = connection.Input;
        while (true)
        {
            ReadResult read = await input.ReadAsync(CancellationToken.None);
            ReadOnlySequence<byte> buffer = read.Buffer;
            LoadEvent happened = LoadEvent.Wait;
            while (happened == LoadEvent.Wait && ReplyLines.TryTakeReply(ref buffer, out int code))
                happened = dialogue.OnReply(code);
            input.AdvanceTo(buffer.Start, happened == LoadEvent.Wait ? buffer.End : buffer.Start);
            switch (happened)
            {
                case LoadEvent.Send:
                    await connection.SendAsync(dialogue.Outgoing, CancellationToken.None);
                    break;
                case LoadEvent.Wait:
                    if (read.IsCompleted)
                        throw new IOException("the server closed the connection");
                    break;
                default:
                    return happened;
            }
        }
    }
}
