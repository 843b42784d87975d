using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.Sockets;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Data;
using SlimtaFast.Protocol.Replies;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Session;

/// <summary>
/// Runs one dialogue: reads commands, lets the steps of <see cref="DialogueTable"/> carry them out, and receives contents. Commands are
/// worked off as long as input is there, and all their replies leave in one flush. Everything that can wait is awaited in one
/// asynchronous method, so that a session allocates for waiting once and not for each command. Not thread-safe.
/// </summary>
internal sealed class ServerDialogue
{
    private readonly Connection _connection;
    private readonly InputBuffer _input;
    private readonly CancellationToken _stopping;
    private SessionEndReason? _end;
    private Canned _afterDrop;
    private SmtpReply _answerAfterDrop;
    private int _errors;
    private int _junk;
    private long _blockOctets;
    private bool _deadlineRuns;
    private bool _awaitsPeer;

    /// <summary>Prepares a dialogue over the session's connection.</summary>
    public ServerDialogue(SmtpServerSession session, SmtpServerHandler handler, CancellationToken stopping)
    {
        Session = session;
        Handler = handler;
        Options = session.Options;
        FixedReplies = HelloReplies.For(Options);
        Intake = new ContentIntake(Options);
        _connection = session.Connection;
        _input = new InputBuffer(_connection.Input, Options.MaxCommandLine);
        Replies = new ReplyWriter(_connection.Output);
        _stopping = stopping;
    }

    /// <summary>The session that the handler sees.</summary>
    public SmtpServerSession Session { get; }

    /// <summary>Who is asked.</summary>
    public SmtpServerHandler Handler { get; }

    /// <summary>The session's options.</summary>
    public SmtpServerOptions Options { get; }

    /// <summary>Where replies go.</summary>
    public ReplyWriter Replies { get; }

    /// <summary>The replies that depend on options only.</summary>
    public HelloReplies FixedReplies { get; }

    /// <summary>Where contents go.</summary>
    public ContentIntake Intake { get; }

    /// <summary>How far the dialogue has come.</summary>
    public DialogueState State { get; set; }

    /// <summary>The open transaction, or null.</summary>
    public MailTransaction? Transaction { get; set; }

    /// <summary>The transaction that the handler is asked about.</summary>
    public MailTransaction? PendingTransaction { get; set; }

    /// <summary>The recipient that the handler is asked about.</summary>
    public Recipient? PendingRecipient { get; set; }

    /// <summary>The chunk that was announced.</summary>
    public ChunkArgument PendingChunk { get; set; }

    /// <summary>True where the client has sent more than the command in work.</summary>
    public bool HasBufferedInput => !_input.IsEmpty;

    /// <summary>Runs the dialogue to its end; fails only where the handler's <see cref="SmtpServerHandler.OnDisconnect"/> does.</summary>
    public async Task<SessionEndReason> RunAsync()
    {
        // A session that waits for a command must notice that the server stops.
        CancellationTokenRegistration wake = _stopping.UnsafeRegister(static input => ((PipeReader)input!).CancelPendingRead(), _connection.Input);
        SessionEndReason reason;
        try
        {
            reason = await ConverseAsync();
        }
        catch (Exception exception) when (_awaitsPeer && exception is IOException or SocketException)
        {
            reason = SessionEndReason.ClientGone;
        }
        catch (TimeoutException) when (_awaitsPeer)
        {
            reason = SessionEndReason.Timeout;
            await SayFarewellAsync(Canned.TimedOut);
        }
        catch (Exception exception)
        {
            // Whatever a handler throws ends this session only; the owner finds it in Fault.
            Session.Fault = exception;
            reason = SessionEndReason.Fault;
            await SayFarewellAsync(Canned.Fault);
        }
        finally
        {
            await wake.DisposeAsync();
            Intake.Abandon();
            _input.Release();
        }

        Handler.OnDisconnect(Session, reason);
        return reason;
    }

    /// <summary>Answers with a fixed reply; an error counts, and one too many closes.</summary>
    public void Reply(Canned reply)
    {
        if (CannedReplies.IsProtocolError(reply) && ++_errors > Options.MaxErrors)
            Close(SessionEndReason.TooManyErrors, Canned.TooManyErrors);
        else
            Replies.Write(reply);
    }

    /// <summary>Answers with a handler's reply; 221 and 421 close.</summary>
    public void Reply(in SmtpReply reply)
    {
        Replies.Write(in reply);
        if (reply.Closes)
            _end = SessionEndReason.Refused;
    }

    /// <summary>Answers with the handler's reply where it gave one.</summary>
    public void ReplyOr(in SmtpReply answer, Canned usual)
    {
        if (answer.IsNone)
            Reply(usual);
        else
            Reply(in answer);
    }

    /// <summary>Answers and ends the dialogue.</summary>
    public void Close(SessionEndReason reason, Canned lastReply)
    {
        Replies.Write(lastReply);
        _end = reason;
    }

    /// <summary>Answers QUIT.</summary>
    public void CloseByClient()
    {
        Replies.Write(FixedReplies.Closing.Span);
        _end = SessionEndReason.Quit;
    }

    /// <summary>Counts a command that brings no message nearer; true where it was one too many and the dialogue closes.</summary>
    public bool IsJunkLimitPassed()
    {
        if (++_junk <= Options.MaxJunkCommands)
            return false;
        Close(SessionEndReason.TooManyErrors, Canned.TooManyErrors);
        return true;
    }

    /// <summary>Gives the open transaction up, with all that was received of it.</summary>
    public void EndTransaction()
    {
        if (Transaction is null)
            return;
        ForgetTransaction();
        Handler.OnReset(Session);
    }

    /// <summary>Makes the writer of the transaction's content; where that fails, the transaction is over.</summary>
    public bool TryBeginContent([NotNullWhen(true)] out ContentWriter? writer, out SmtpReply failure)
    {
        failure = default;
        try
        {
            writer = Handler.BeginContent(Session, Transaction!);
            return true;
        }
        catch (Exception exception)
        {
            writer = null;
            failure = Handler.OnContentFailed(Session, exception);
            EndTransaction();
            return false;
        }
    }

    /// <summary>Drops a chunk's octets and answers then.</summary>
    public void DropChunk(long octets, Canned reply)
    {
        Intake.DropChunk(octets);
        _afterDrop = reply;
        _answerAfterDrop = default;
    }

    /// <summary>Drops a chunk's octets and answers then.</summary>
    public void DropChunk(long octets, in SmtpReply reply)
    {
        Intake.DropChunk(octets);
        _afterDrop = Canned.None;
        _answerAfterDrop = reply;
    }

    private bool IsStopping => _stopping.IsCancellationRequested && Transaction is null;

    // STATE MACHINE. Each turn takes a piece of content, ends a content, carries out a command, or waits for input.
    private async Task<SessionEndReason> ConverseAsync()
    {
        Greet(await Handler.OnConnectAsync(Session, CancellationToken.None));
        while (_end is null)
        {
            switch (NextTurn(out CommandStep? step, out ValueTask<SmtpReply> answer))
            {
                case Turn.Ask:
                    if (Replies.OwesMessageReply && !answer.IsCompleted)
                        NoteSentEarly(await SendAsync());
                    step!.Finish(this, await answer);
                    break;

                case Turn.Content:
                    try
                    {
                        await Intake.TakeAsync(_input.First, CancellationToken.None);
                    }
                    catch (Exception exception)
                    {
                        Intake.Fail(exception);
                    }

                    GoPastContent();
                    break;

                case Turn.Message:
                    MessageContent? content = null;
                    try
                    {
                        content = await Intake.CompleteAsync(CancellationToken.None);
                    }
                    catch (Exception exception)
                    {
                        Intake.Fail(exception);
                    }

                    if (content is null)
                    {
                        RefuseContent();
                        break;
                    }

                    answer = Handler.OnMessageAsync(Session, Transaction!, content, CancellationToken.None);
                    if (Replies.OwesMessageReply && !answer.IsCompleted)
                        NoteSentEarly(await SendAsync());
                    FinishMessage(await answer);
                    break;

                case Turn.Wait:
                    _input.Release();
                    if (Replies.HasUnsent)
                        NoteSent(await SendAsync());
                    if (_end is not null)
                        break;
                    StartDeadline();
                    _awaitsPeer = true;
                    ReadResult received = await _input.ReadAsync();
                    _awaitsPeer = false;
                    _input.Accept(in received);
                    break;

                default:
                    break;
            }
        }

        if (Replies.HasUnsent)
            await SayFarewellAsync(Canned.None);
        return _end.Value;
    }

    private void Greet(in SmtpReply answer)
    {
        if (answer.IsNone)
        {
            Replies.Write(FixedReplies.Greeting.Span);
            return;
        }

        Replies.Write(in answer);
        if (!answer.IsPositive || answer.Closes)
            _end = SessionEndReason.Refused;
    }

    // What is to be done now. All that works on spans happens here, because no span lives across an await.
    private Turn NextTurn(out CommandStep? step, out ValueTask<SmtpReply> answer)
    {
        step = null;
        answer = default;
        if (Intake.IsReceiving)
            return NextContentTurn();
        if (State == DialogueState.Start && CommandParser.IsTlsRecord(_input.First.Span))
        {
            // Whoever speaks TLS where nobody has asked for it cannot read an answer.
            _end = SessionEndReason.WrongProtocol;
            return Turn.None;
        }

        LineStatus status = _input.TakeLine(out ReadOnlySpan<byte> line);
        if (status == LineStatus.Line)
        {
            _deadlineRuns = false;
            return Begin(line, out step, out answer);
        }

        switch (status)
        {
            case LineStatus.BareLineFeed:
                Reply(Canned.BareLineEndInCommand);
                return Turn.None;
            case LineStatus.TooLong:
                Reply(Canned.LineTooLong);
                return Turn.None;
            case LineStatus.Endless:
                Close(SessionEndReason.TooLong, Canned.LineTooLong);
                return Turn.None;
            default:
                return WaitForInput();
        }
    }

    private Turn Begin(ReadOnlySpan<byte> line, out CommandStep? step, out ValueTask<SmtpReply> answer)
    {
        step = null;
        answer = default;
        Command command = CommandParser.Parse(line);
        if (command.Error != Canned.None)
        {
            Reply(command.Error);
            return Turn.None;
        }

        if (command.Verb == CommandVerb.Foreign)
        {
            Close(SessionEndReason.WrongProtocol, Canned.WrongProtocol);
            return Turn.None;
        }

        step = DialogueTable.Find(command.Verb, State, out Canned verdict);
        if (verdict == Canned.None && !command.IsAscii && command.Verb is not (CommandVerb.Mail or CommandVerb.Rcpt or CommandVerb.Bdat))
            verdict = Canned.NonAsciiArgument;
        if (verdict == Canned.None)
            return step.TryBegin(this, in command, out answer) ? Turn.Ask : Turn.None;
        step.Refuse(this, in command, verdict);
        return Turn.None;
    }

    private Turn NextContentTurn()
    {
        if (Intake.IsPartComplete)
            return EndPart();
        if (Intake.IsOverrun)
        {
            EndTransaction();
            Close(SessionEndReason.TooLong, Canned.TooBig);
            return Turn.None;
        }

        return _input.IsEmpty ? WaitForInput() : Turn.Content;
    }

    private void GoPastContent()
    {
        _input.Consume(Intake.Taken);
        _blockOctets += Intake.Taken;
        if (_blockOctets < Options.DataBlockOctets)
            return;
        _blockOctets = 0;
        _deadlineRuns = false;
    }

    private Turn EndPart()
    {
        _deadlineRuns = false;
        _blockOctets = 0;
        if (Intake.Problem == ContentProblem.Refused)
        {
            Intake.Abandon();
            ReplyOr(in _answerAfterDrop, _afterDrop);
            return Turn.None;
        }

        if (Intake.Problem == ContentProblem.None && !Intake.IsLastPart)
        {
            Intake.EndPart();
            Replies.WriteChunkReceived(Intake.ChunkLength);
            return Turn.None;
        }

        if (Intake.Problem == ContentProblem.None && Intake.IsAcceptable())
            return Turn.Message;
        RefuseContent();
        return Turn.None;
    }

    private void RefuseContent()
    {
        switch (Intake.Problem)
        {
            case ContentProblem.TooBig:
                Replies.Write(Canned.TooBig);
                break;
            case ContentProblem.Nul:
                Replies.Write(Canned.NulInContent);
                break;
            case ContentProblem.LongLine:
                Replies.Write(Canned.LongLine);
                break;
            case ContentProblem.BareLineEnd when Intake.IsByDots:
                // Somebody may have hoped that another server takes part of this for commands.
                Close(SessionEndReason.BadLineEnd, Canned.BareLineEnd);
                break;
            case ContentProblem.BareLineEnd:
                Replies.Write(Canned.BareLineEnd);
                break;
            default:
                Reply(Handler.OnContentFailed(Session, Intake.Failure!));
                break;
        }

        Replies.NoteMessageReply();
        EndTransaction();
    }

    private void FinishMessage(in SmtpReply answer)
    {
        ForgetTransaction();
        _junk = 0;
        ReplyOr(in answer, Canned.MessageOk);
        Replies.NoteMessageReply();
    }

    private void ForgetTransaction()
    {
        Transaction = null;
        if (State > DialogueState.Ready)
            State = DialogueState.Ready;
        Intake.Abandon();
    }

    private Turn WaitForInput()
    {
        if (_input.IsEnd)
            _end = SessionEndReason.ClientGone;
        else if (IsStopping)
            Close(SessionEndReason.Shutdown, Canned.ShuttingDown);
        else
            return Turn.Wait;
        return Turn.None;
    }

    private ValueTask<FlushResult> SendAsync()
    {
        StartDeadline();
        _awaitsPeer = true;
        return Replies.FlushAsync();
    }

    private void NoteSent(in FlushResult result)
    {
        _awaitsPeer = false;
        if (result.IsCompleted)
            _end = SessionEndReason.ClientGone;
    }

    // The handler may take longer than the deadline for sending.
    private void NoteSentEarly(in FlushResult result)
    {
        NoteSent(in result);
        _deadlineRuns = false;
    }

    // One deadline for a whole command, or a block of content, however many reads it takes.
    private void StartDeadline()
    {
        if (_deadlineRuns)
            return;
        _deadlineRuns = true;
        _connection.SetDeadline(Intake.IsReceiving ? Options.DataBlockTimeout : Options.CommandTimeout);
    }

    private async Task SayFarewellAsync(Canned lastReply)
    {
        _connection.SetDeadline(Options.FarewellTimeout);
        Replies.Write(lastReply);
        try
        {
            await Replies.FlushAsync();
        }
        catch (Exception exception) when (exception is IOException or SocketException or TimeoutException)
        {
            // The client does not want to hear it; the session is over in any case.
            _end ??= SessionEndReason.ClientGone;
        }
    }
}
