using System.IO.Pipelines;
using System.Net.Sockets;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Data;
using SlimtaFast.Protocol.Proxy;
using SlimtaFast.Protocol.Replies;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;

namespace SlimtaFast.Protocol.Session;

/// <summary>
/// Drives one dialogue: reads commands, lets the steps of <see cref="DialogueTable"/> carry them out, and receives contents. Commands are
/// worked off as long as input is there, and all their replies leave in one flush. Everything that can wait is awaited in one
/// asynchronous method, so that a session allocates for waiting once and not for each command. Not thread-safe.
/// </summary>
internal sealed class DialogueLoop
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

    // What is to be done now. All that works on spans happens here, because no span lives across an await.
    private Turn NextTurn(out CommandStep? step, out ValueTask<SmtpReply> answer)
    {
        step = null;
        answer = default;
        if (_intake.IsReceiving)
            return NextContentTurn();
        if (_dialogue.Exchange is not null)
            return NextResponseTurn(_dialogue.Exchange, out step, out answer);
        if (_dialogue.State == DialogueState.Start && !_input.IsSkipping && CommandParser.IsTlsRecord(_input.First.Span))
        {
            // Whoever speaks TLS where nobody has asked for it cannot read an answer.
            _dialogue.Leave(SessionEndReason.WrongProtocol);
            return Turn.None;
        }

        if (_dialogue.State == DialogueState.Start && ProxyHeaderParser.StartsVersion2(_input.First.Span))
        {
            _dialogue.Close(SessionEndReason.UntrustedProxy, Canned.WrongProtocol);
            return Turn.None;
        }

        LineStatus status = _input.TakeLine(out ReadOnlySpan<byte> line);
        if (status == LineStatus.Line)
        {
            _wait.NoteLine();
            return Begin(line, out step, out answer);
        }

        switch (status)
        {
            case LineStatus.BareLineFeed:
                _dialogue.Reply(Canned.BareLineEndInCommand);
                return Turn.None;
            case LineStatus.TooLong:
                _dialogue.Reply(Canned.LineTooLong);
                return Turn.None;
            case LineStatus.Endless:
                _dialogue.Close(SessionEndReason.TooLong, Canned.LineTooLong);
                return Turn.None;
            default:
                return WaitForInput();
        }
    }

    private Turn Begin(ReadOnlySpan<byte> line, out CommandStep? step, out ValueTask<SmtpReply> answer)
    {
        step = null;
        answer = default;
        if (_dialogue.IsCommandLimitPassed())
            return Turn.None;
        Command command = CommandParser.Parse(line);
        if (command.Error != Canned.None)
        {
            _dialogue.Reply(command.Error);
            return Turn.None;
        }

        if (command.Verb == CommandVerb.Foreign)
        {
            _dialogue.Close(ProxyHeaderParser.StartsVersion1(line) ? SessionEndReason.UntrustedProxy : SessionEndReason.WrongProtocol, Canned.WrongProtocol);
            return Turn.None;
        }

        step = DialogueTable.Find(command.Verb, _dialogue.State, _options.Lmtp, out Canned verdict);
        if (verdict == Canned.None && !command.IsAscii && command.Verb is not (CommandVerb.Mail or CommandVerb.Rcpt or CommandVerb.Bdat))
            verdict = Canned.NonAsciiArgument;
        if (verdict == Canned.None)
            return step.TryBegin(_dialogue, in command, out answer) ? Turn.Ask : _dialogue.IsTlsDue ? Turn.Tls : Turn.None;
        step.Refuse(_dialogue, in command, verdict);
        return Turn.None;
    }

    // Inside an AUTH exchange a line is a response, whatever command it looks like.
    private Turn NextResponseTurn(AuthExchange exchange, out CommandStep? step, out ValueTask<SmtpReply> answer)
    {
        step = AuthStep.Instance;
        answer = default;
        LineStatus status = _input.TakeLine(out ReadOnlySpan<byte> line);
        if (status == LineStatus.NeedMore)
            return WaitForInput();
        if (status == LineStatus.Endless)
        {
            _dialogue.Close(SessionEndReason.TooLong, Canned.AuthLineTooLong);
            return Turn.None;
        }

        _wait.Restart();
        answer = status switch
        {
            LineStatus.Line => exchange.ContinueAsync(line),
            LineStatus.TooLong => exchange.BreakAsync(Canned.AuthLineTooLong),
            _ => exchange.BreakAsync(Canned.BareLineEndInCommand),
        };
        return Turn.Ask;
    }

    private Turn NextContentTurn()
    {
        if (_intake.IsPartComplete)
            return EndPart();
        if (_intake.IsOverrun)
        {
            _dialogue.Close(SessionEndReason.TooLong, Canned.TooBig);
            _dialogue.EndTransaction();
            return Turn.None;
        }

        return _input.IsEmpty ? WaitForInput() : Turn.Content;
    }

    private void GoPastContent()
    {
        _input.Consume(_intake.Taken);
        _blockOctets += _intake.Taken;
        if (_blockOctets < _options.DataBlockOctets)
            return;
        _blockOctets = 0;
        _wait.Restart();
    }

    private Turn EndPart()
    {
        _wait.Restart();
        _blockOctets = 0;
        if (_intake.Problem == ContentProblem.Refused)
        {
            _dialogue.FinishDrop();
            return Turn.None;
        }

        if (_intake.Problem == ContentProblem.None && !_intake.IsLastPart)
        {
            _intake.EndPart();
            _replies.WriteChunkReceived(_intake.ChunkLength);
            return Turn.None;
        }

        if (_intake.Problem == ContentProblem.None && _intake.IsAcceptable())
            return Turn.Message;
        _dialogue.RefuseContent();
        return Turn.None;
    }

    private Turn WaitForInput()
    {
        if (_input.IsEnd)
            _dialogue.Leave(SessionEndReason.ClientGone);
        else if (_wait.IsSessionOver)
            _dialogue.Close(SessionEndReason.SessionTooLong, Canned.SessionTooLong);
        else if (IsStopping)
            _dialogue.Close(SessionEndReason.Shutdown, Canned.ShuttingDown);
        else
            return Turn.Wait;
        return Turn.None;
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
