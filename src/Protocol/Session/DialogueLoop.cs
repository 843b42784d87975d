using System.IO.Pipelines;
using System.Net.Sockets;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Data;
using SlimtaFast.Protocol.Replies;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;

namespace SlimtaFast.Protocol.Session;

/// <summary>
/// Drives one dialogue: reads commands, lets the steps of <see cref="DialogueTable"/> carry them out, and receives contents. Commands are
/// worked off as long as input is there, and all their replies leave in one flush. Everything that can wait is awaited in one
/// asynchronous method, so that a session allocates for waiting once and not for each command. Not thread-safe.
/// </summary>
internal sealed partial class DialogueLoop
{
    private readonly SmtpServerSession _session;
    private readonly SmtpServerHandler _handler;
    private readonly SmtpServerOptions _options;
    private readonly Connection _connection;
    private readonly CancellationToken _stopping;
    private readonly InputBuffer _input;
    private readonly ServerDialogue _dialogue;
    private readonly ContentIntake _intake;
    private readonly ReplyWriter _replies;
    private ClientWait _wait;
    private long _blockOctets;
    private bool _awaitsPeer;
    private HeldWork _held;

    /// <summary>Prepares a dialogue over the session's connection.</summary>
    public DialogueLoop(SmtpServerSession session, SmtpServerHandler handler, CancellationToken stopping)
    {
        _session = session;
        _handler = handler;
        _options = session.Options;
        _connection = session.Connection;
        _stopping = stopping;
        _input = new InputBuffer(_connection.Input, _options.MaxCommandLine, _options.Auth is null ? 0 : AuthExchange.LongestLine);
        _dialogue = new ServerDialogue(session, handler, _input);
        _intake = _dialogue.Intake;
        _replies = _dialogue.Replies;
    }

    /// <summary>Runs the dialogue to its end; fails only where the handler's <see cref="SmtpServerHandler.OnDisconnect"/> does.</summary>
    public async Task<SessionEndReason> RunAsync()
    {
        // A session that waits for a command must notice that the server stops.
        CancellationTokenRegistration wake = _stopping.UnsafeRegister(static connection => ((Connection)connection!).Input.CancelPendingRead(), _connection);
        SessionEndReason reason;
        try
        {
            if (_session.ImplicitTls)
                await ShakeHandsAsync();
            if (_dialogue.End is null)
                await GreetAsync();
            _wait.BeginSession(_session);
            reason = await ConverseAsync();
        }
        catch (Exception exception) when (_awaitsPeer && exception is IOException or SocketException)
        {
            reason = SessionEndReason.ClientGone;
        }
        catch (TimeoutException) when (_awaitsPeer)
        {
            (reason, Canned farewell) = _wait.Judge();
            await SayFarewellAsync(farewell);
        }
        catch (Exception exception)
        {
            // Whatever a handler throws ends this session only; the owner finds it in Fault.
            _session.Fault = exception;
            reason = SessionEndReason.Fault;
            await SayFarewellAsync(Canned.Fault);
        }
        finally
        {
            await wake.DisposeAsync();
            await _held.SettleAsync();
            _intake.Abandon();
            _input.Release();
        }

        _handler.OnDisconnect(_session, reason);
        return reason;
    }

    private TimeSpan UsualWait => _intake.IsReceiving ? _options.DataBlockTimeout : _options.CommandTimeout;

    private bool IsStopping => _stopping.IsCancellationRequested && _dialogue.Transaction is null;

    // STATE MACHINE. Each turn takes a piece of content, ends a content, carries out a command, or waits for input.
    private async Task<SessionEndReason> ConverseAsync()
    {
        while (_dialogue.End is null)
        {
            switch (NextTurn(out CommandStep? step, out ValueTask<SmtpReply> answer))
            {
                case Turn.Ask:
                    if (!answer.IsCompleted && MustSendFirst())
                        NoteSentEarly(await SendAsync());
                    SmtpReply verdict = await answer;
                    if (!_dialogue.IsDropped())
                        step!.Finish(_dialogue, in verdict);
                    break;

                case Turn.Tls:
                    await StartTlsAsync();
                    break;

                case Turn.Content:
                    ValueTask taking = _held.Hold(_intake.TakeAsync(_input.First, CancellationToken.None), _replies.OwesMessageReply);
                    if (!taking.IsCompleted && _replies.OwesMessageReply)
                        NoteSentEarly(await SendAsync());

                    try
                    {
                        await taking;
                    }
                    catch (Exception exception)
                    {
                        _intake.Fail(exception);
                    }

                    GoPastContent();
                    break;

                case Turn.Message:
                    ValueTask<MessageContent> completing = _held.Hold(_intake.CompleteAsync(CancellationToken.None), _replies.OwesMessageReply);
                    if (!completing.IsCompleted && MustSendFirst())
                        NoteSentEarly(await SendAsync());
                    MessageContent content;
                    try
                    {
                        content = await completing;
                    }
                    catch (Exception exception)
                    {
                        _intake.Fail(exception);
                        _dialogue.RefuseContent();
                        break;
                    }

                    answer = _handler.OnMessageAsync(_session, _dialogue.Transaction!, content, CancellationToken.None);
                    if (!answer.IsCompleted && MustSendFirst())
                        NoteSentEarly(await SendAsync());
                    SmtpReply judgement = await answer;
                    if (!_dialogue.IsDropped())
                        _dialogue.FinishMessage(in judgement);
                    break;

                case Turn.Wait:
                    _input.Release();
                    if (_replies.HasUnsent)
                        NoteSent(await SendAsync());
                    if (_dialogue.End is not null)
                        break;
                    bool isTimed = _wait.Begin(_session, UsualWait, _intake.IsReceiving, _input.HasRest);
                    _awaitsPeer = true;
                    ReadResult received = await _input.ReadAsync();
                    _awaitsPeer = false;
                    _input.Accept(in received);
                    if (_wait.End(isTimed, received.Buffer.Length))
                        _dialogue.Close(SessionEndReason.TooSlow, Canned.TooSlow);
                    break;

                default:
                    break;
            }
        }

        if (_replies.HasUnsent)
            await SayFarewellAsync(Canned.None);
        return _dialogue.End.Value;
    }

    private async ValueTask GreetAsync()
    {
        ValueTask<SmtpReply> connecting = _handler.OnConnectAsync(_session, CancellationToken.None);
        bool looksForTalk = _options.RefuseEarlyTalkers || !connecting.IsCompleted;
        SmtpReply greeting = await connecting;
        _awaitsPeer = true;
        bool hasSpoken = looksForTalk && _input.HasSpoken();
        _awaitsPeer = false;
        if (!_dialogue.IsDropped() && !(hasSpoken && _dialogue.RefusesEarlyTalk()))
            _dialogue.Greet(in greeting);
    }

    // Before a wait that may be long: an empty buffer goes back, and the answer to an earlier message must not wait along.
    private bool MustSendFirst()
    {
        if (_input.IsEmpty)
            _input.Release();
        return _replies.OwesMessageReply;
    }

    private ValueTask<FlushResult> SendAsync()
    {
        _wait.StartDeadline(_connection, UsualWait);
        _awaitsPeer = true;
        return _replies.FlushAsync();
    }

    private void NoteSent(in FlushResult result)
    {
        _awaitsPeer = false;
        if (result.IsCompleted)
            _dialogue.Leave(SessionEndReason.ClientGone);
    }

    // The handler may take longer than the deadline for sending.
    private void NoteSentEarly(in FlushResult result)
    {
        NoteSent(in result);
        _wait.Restart();
        _held.Free();
    }

    private async Task StartTlsAsync()
    {
        _input.Release();
        NoteSent(await SendAsync());
        if (_dialogue.End is null)
            await ShakeHandsAsync();
        if (_dialogue.End is null)
            _dialogue.ForgetClient();
    }

    private async Task ShakeHandsAsync()
    {
        _connection.SetDeadline(_options.HandshakeTimeout);
        _awaitsPeer = true;
        try
        {
            await _connection.AuthenticateAsServerAsync(_options.Tls!, CancellationToken.None);
        }
        catch (Exception exception) when (exception is TlsHandshakeException or TimeoutException)
        {
            // There is no way left to tell the client: in clear it would not hear it, and TLS has failed.
            _session.TlsProblem = exception.Message;
            _dialogue.Leave(SessionEndReason.TlsFailed);
            return;
        }

        _awaitsPeer = false;
        _wait.Restart();
        _input.Attach(_connection.Input);
        _replies.Attach(_connection.Output);
        SmtpReply answer = await _handler.OnTlsAsync(_session, CancellationToken.None);
        if (_dialogue.IsDropped() || (answer.Code < 400 && !answer.Closes))
            return;
        _replies.Write(in answer);
        _dialogue.Leave(SessionEndReason.Refused);
    }

    private async Task SayFarewellAsync(Canned lastReply)
    {
        _connection.SetDeadline(_options.FarewellTimeout);
        _replies.Write(lastReply);
        try
        {
            await _replies.FlushAsync();
        }
        catch (Exception exception) when (exception is IOException or SocketException or TimeoutException)
        {
            // The client does not want to hear it; the session is over in any case.
            if (_dialogue.End is null)
                _dialogue.Leave(SessionEndReason.ClientGone);
        }
    }
}
