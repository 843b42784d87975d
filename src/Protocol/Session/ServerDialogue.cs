using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Data;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Session;

/// <summary>
/// Where a dialogue stands, and what may be done to it: the side that the steps of <see cref="DialogueTable"/> see.
/// <see cref="DialogueLoop"/> drives it. Not thread-safe.
/// </summary>
internal sealed partial class ServerDialogue
{
    private readonly InputBuffer _input;
    private int _errors;
    private int _junk;
    private HashSet<string>? _domains;
    private int _refusals;
    private int _mailRefusal;
    private int _commands;

    /// <summary>A dialogue that has not begun.</summary>
    public ServerDialogue(SmtpServerSession session, SmtpServerHandler handler, InputBuffer input)
    {
        Session = session;
        Handler = handler;
        Options = session.Options;
        FixedReplies = HelloReplies.For(Options);
        Intake = new ContentIntake(Options);
        Replies = new ReplyWriter(session.Connection.Output);
        _input = input;
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

    /// <summary>The AUTH exchange in work, or null; the client's lines are its responses.</summary>
    public AuthExchange? Exchange { get; private set; }

    /// <summary>Attempts to authenticate that failed.</summary>
    public int AuthFailures { get; set; }

    /// <summary>Transactions that were begun.</summary>
    public int Messages { get; set; }

    /// <summary>Why the dialogue is over, or null while it is not.</summary>
    public SessionEndReason? End { get; private set; }

    /// <summary>Notes where the client has sent more than the command in work although it had to wait; true where it has.</summary>
    public bool NoteEarlyInput(EarlyInput where)
    {
        if (_input.IsEmpty)
            return false;
        Handler.OnEarlyInput(Session, where);
        return true;
    }

    /// <summary>
    /// Notes where the client has sent more behind the last command of a group, which this one is unless null; true where that is refused
    /// and the dialogue closes.
    /// </summary>
    public bool IsTooEarly(EarlyInput? where)
    {
        if (_input.IsEmpty || where is not { } early || !NoteEarlyInput(early))
            return false;
        if (early == EarlyInput.AfterData ? !Options.RefuseEarlyContent : !Options.RefuseEarlyCommands)
            return false;
        Close(SessionEndReason.OutOfStep, early == EarlyInput.AfterData ? Canned.ContentTooEarly : Canned.CommandTooEarly);
        return true;
    }

    /// <summary>The same for commands that may stand anywhere in a group, from a client that knows of no groups.</summary>
    public bool IsPipelinedUnasked() => !_input.IsEmpty && !Session.IsExtended && IsTooEarly(EarlyInput.NotOffered);

    /// <summary>Notes that the client spoke before the greeting; true where that is refused and the dialogue closes.</summary>
    public bool RefusesEarlyTalk()
    {
        Handler.OnEarlyInput(Session, EarlyInput.BeforeGreeting);
        if (!Options.RefuseEarlyTalkers)
            return false;
        Close(SessionEndReason.TalkedTooEarly, Canned.TalkedTooEarly);
        return true;
    }

    /// <summary>Greets, or turns the client away as the handler says.</summary>
    public void Greet(in SmtpReply answer)
    {
        if (answer.IsNone)
        {
            Replies.Write(FixedReplies.Greeting.Span);
            return;
        }

        Replies.Write(in answer);
        if (!answer.IsPositive || answer.Closes)
            Leave(SessionEndReason.Refused);
    }

    /// <summary>True where the handshake comes next.</summary>
    public bool IsTlsDue { get; private set; }

    /// <summary>True where the client has sent more than the command in work.</summary>
    public bool HasBufferedInput => !_input.IsEmpty;

    /// <summary>
    /// Notes how the handler answered MAIL. A client that is refused for a while does what it must, RSET included: none of that is junk.
    /// </summary>
    public void NoteMailAnswer(in SmtpReply answer)
    {
        _mailRefusal = answer.Code >= 400 ? answer.Code : 0;
        if (_mailRefusal is >= 400 and < 500)
            _junk = 0;
    }

    /// <summary>Answers with a fixed reply; an error counts, and one too many closes.</summary>
    public void Reply(Canned reply)
    {
        bool isOneTooMany = IsAftermath(reply)
            ? _mailRefusal is 0 or >= 500 && IsRefusalLimitPassed()
            : CannedReplies.IsProtocolError(reply) && ++_errors > Options.MaxErrors;
        if (isOneTooMany)
        {
            Close(SessionEndReason.TooManyErrors, Canned.TooManyErrors);
            return;
        }

        Replies.Write(reply);
        if (reply >= Canned.UnknownCommand)
            TellRefusal(reply);
    }

    /// <summary>
    /// Answers with a handler's reply; 221 and 421 close, and so does one refusal for good too many. What is refused for a while, because
    /// we are short of something, is not the client's doing and does not count.
    /// </summary>
    public void Reply(in SmtpReply reply)
    {
        if (reply.Code >= 500 && IsRefusalLimitPassed())
        {
            Close(SessionEndReason.TooManyErrors, Canned.TooManyErrors);
            return;
        }

        Replies.Write(in reply);
        if (reply.Closes)
            End = SessionEndReason.Refused;
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
        End = reason;
        TellRefusal(lastReply);
    }

    /// <summary>Answers QUIT.</summary>
    public void CloseByClient()
    {
        Replies.Write(FixedReplies.Closing.Span);
        End = SessionEndReason.Quit;
    }

    /// <summary>Lets the handshake follow, after what waits to be sent.</summary>
    public void BeginTls()
    {
        Replies.Write(Canned.ReadyForTls);
        IsTlsDue = true;
    }

    /// <summary>Forgets all that the client said in clear (RFC 3207 section 4.2).</summary>
    public void ForgetClient()
    {
        IsTlsDue = false;
        EndTransaction();
        State = DialogueState.Start;
        Session.SetHello("", isExtended: false);
        Session.SetIdentity(null);
    }

    /// <summary>Counts a command that brings no message nearer; true where it was one too many and the dialogue closes.</summary>
    public bool IsJunkLimitPassed()
    {
        if (++_junk <= Options.MaxJunkCommands)
            return false;
        Close(SessionEndReason.TooManyErrors, Canned.TooManyErrors);
        return true;
    }

    /// <summary>Begins to count the recipients' domains anew.</summary>
    public void ForgetDomains() => _domains?.Clear();

    /// <summary>True where a recipient's domain is one more than a transaction may have.</summary>
    public bool IsDomainTooMany(Mailbox recipient) =>
        _domains is not null && _domains.Count >= Options.MaxDomainsPerMessage && !_domains.Contains(recipient.GetRoutingDomain());

    /// <summary>Counts the domain of an accepted recipient, where there is a limit.</summary>
    public void NoteDomain(Mailbox recipient)
    {
        if (Options.MaxDomainsPerMessage > 0)
            (_domains ??= new HashSet<string>(StringComparer.Ordinal)).Add(recipient.GetRoutingDomain());
    }

    /// <summary>Counts a command; true where it was one too many and the dialogue closes.</summary>
    public bool IsCommandLimitPassed()
    {
        if (++_commands <= Options.MaxCommands || Options.MaxCommands <= 0 || Session.IsExempt)
            return false;
        Close(SessionEndReason.TooManyCommands, Canned.TooManyCommands);
        return true;
    }

    /// <summary>True where a further message would be one too many; the dialogue closes.</summary>
    public bool IsMessageLimitPassed()
    {
        if (Messages < Options.MaxMessagesPerSession || Options.MaxMessagesPerSession <= 0 || Session.IsExempt)
            return false;
        Close(SessionEndReason.TooManyMessages, Canned.TooManyMessages);
        return true;
    }

    /// <summary>Ends the dialogue where the handler wants it to end without an answer; true where it does.</summary>
    public bool IsDropped()
    {
        if (Session.IsDropped)
            Leave(SessionEndReason.Dropped);
        return Session.IsDropped;
    }

    /// <summary>Ends the dialogue without a further word.</summary>
    public void Leave(SessionEndReason reason) => End = reason;

    /// <summary>From here on the client's lines are responses.</summary>
    public void BeginExchange(AuthExchange exchange)
    {
        Exchange = exchange;
        _input.ExpectsResponse = true;
    }

    /// <summary>From here on the client's lines are commands again.</summary>
    public void EndExchange()
    {
        Exchange = null;
        _input.ExpectsResponse = false;
    }

    /// <summary>Gives the open transaction up, with all that was received of it.</summary>
    public void EndTransaction()
    {
        if (Transaction is null)
            return;
        ForgetTransaction();
        Handler.OnReset(Session);
    }

    // Commands that a client pipelined behind one that was refused are no mistakes of its own (RFC 2920 section 3.1).
    private bool IsAftermath(Canned reply) => (reply == Canned.MailFirst && _mailRefusal != 0) || reply == Canned.NoValidRecipients;

    private bool IsRefusalLimitPassed() => ++_refusals > Options.MaxRefusals && Options.MaxRefusals > 0 && !Session.IsExempt;

    private void TellRefusal(Canned reply)
    {
        RefusalReason reason = CannedReasons.Get(reply);
        if (reason == RefusalReason.None)
            return;
        if (Intake.IsReceiving && Transaction is not null)
            Handler.OnContentRefused(Session, Transaction, reason, CannedReplies.Get(reply));
        else
            Handler.OnCommandRefused(Session, reason, CannedReplies.Get(reply));
    }

    private void ForgetTransaction()
    {
        Transaction = null;
        if (State > DialogueState.Ready)
            State = DialogueState.Ready;
        Intake.Abandon();
    }
}
