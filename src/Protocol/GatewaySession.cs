using System.Buffers;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Data;
using SlimtaFast.Protocol.Replies;
using SlimtaFast.Protocol.Sasl;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol;

/// <summary>
/// One mail transaction of a client that speaks another protocol than SMTP, HTTP say: it asks a handler what a dialogue would, in the same
/// order, with the same grammar, limits and rules for contents. Call the methods in the order in which they stand here, each after the one
/// before has ended, until one answers with a refusal; then dispose it. Not thread-safe. What a handler throws comes out of the methods.
/// </summary>
public sealed class GatewaySession : IDisposable
{
    private readonly SmtpServerHandler _handler;
    private readonly SmtpServerOptions _options;
    private readonly ContentIntake _intake;
    private MailTransaction? _transaction;
    private HashSet<string>? _domains;
    private ArrayBufferWriter<byte>? _converted;
    private LineEndConverter? _converter;
    private int _refusals;

    /// <summary>Prepares a transaction.</summary>
    /// <param name="connection">Tells addresses and TLS; nothing is read from it.</param>
    /// <param name="protocol">The protocol's name in envelopes and Received fields, as <c>HTTP</c>.</param>
    /// <param name="handler">Answers the questions.</param>
    /// <param name="options">Limits and rules.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="proxy">What the PROXY protocol told of the connection, or null where it was not used.</param>
    /// <param name="id">The session's name in logs and events.</param>
    public GatewaySession(
        Connection connection, string protocol, SmtpServerHandler handler, SmtpServerOptions options, TimeProvider? time = null, ProxyHeader? proxy = null, SessionId id = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(protocol);
        ArgumentNullException.ThrowIfNull(handler);
        Session = new SmtpServerSession(connection, handler, options, time) { GatewayProtocol = protocol, ProxyHeader = proxy, Id = id };
        _handler = handler;
        _options = options;
        _intake = new ContentIntake(options);
    }

    /// <summary>What the handler sees.</summary>
    public SmtpServerSession Session { get; }

    /// <summary>True where the handler wants the connection to end without an answer.</summary>
    public bool IsDropped => Session.IsDropped;

    /// <summary>After <see cref="FinishAsync"/>: an answer for each accepted recipient, or null where all are the message's.</summary>
    public IReadOnlyList<SmtpReply>? PerRecipientReplies { get; private set; }

    /// <summary>The client has connected, under TLS or not.</summary>
    public async ValueTask<SmtpReply> ConnectAsync(CancellationToken cancellationToken)
    {
        if (Session.Connection.Tls is not null)
        {
            SmtpReply secured = await _handler.OnTlsAsync(Session, cancellationToken);
            if (!IsYes(secured))
                return secured;
        }

        return OrUsual(await _handler.OnConnectAsync(Session, cancellationToken), Canned.Ok);
    }

    /// <summary>The client said who it is.</summary>
    public async ValueTask<SmtpReply> HelloAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!System.Text.Ascii.IsValid(name) || !HelloName.IsAcceptable(Encoding.ASCII.GetBytes(name)))
            return Refuse(Canned.BadHelloName);
        Session.SetHello(name, isExtended: true);
        return OrUsual(await _handler.OnHelloAsync(Session, cancellationToken), Canned.Ok);
    }

    /// <summary>The client shows a password, or with an empty user name a bearer token.</summary>
    public async ValueTask<SmtpReply> AuthenticateAsync(string userName, string secret, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(userName);
        bool isToken = userName.Length == 0;
        string mechanism = isToken ? SaslMechanisms.OAuthBearer : SaslMechanisms.Plain;
        if (_options.Auth is not { } auth || !auth.Mechanisms.Contains(mechanism, StringComparer.OrdinalIgnoreCase))
            return Refuse(Canned.UnknownMechanism);
        if (!auth.AllowPlaintext && Session.Connection.Tls is null)
            return Refuse(Canned.EncryptionRequired);
        AuthenticationAnswer answer = AuthenticationAnswer.Rejected;
        string? name = "";
        if (isToken || SaslPrep.TryPrepare(userName, out name))
        {
            AuthenticationRequestKind kind = isToken ? AuthenticationRequestKind.Token : AuthenticationRequestKind.Password;
            answer = await _handler.OnAuthenticateAsync(Session, new AuthenticationRequest(kind, mechanism, name, secret), cancellationToken);
        }

        (AuthenticationOutcome outcome, Canned usual) = answer switch
        {
            { IsAccepted: true } => (AuthenticationOutcome.Succeeded, Canned.AuthOk),
            { IsUnavailable: true } => (AuthenticationOutcome.Unavailable, Canned.AuthUnavailable),
            _ => (AuthenticationOutcome.Rejected, Canned.BadCredentials),
        };
        string who = answer.Identity ?? name ?? userName;
        SmtpReply ended = await _handler.OnAuthenticationEndAsync(Session, new AuthenticationResult(outcome, mechanism, who, Failures: 1) { ClaimedName = name ?? userName }, cancellationToken);
        if (outcome == AuthenticationOutcome.Succeeded && IsYes(ended))
            Session.SetIdentity(who);
        return ended.IsNone && outcome != AuthenticationOutcome.Succeeded ? Refuse(usual) : OrUsual(ended, usual);
    }

    /// <summary>The reverse-path, with the parameters of MAIL.</summary>
    /// <param name="address">The address in UTF-8; empty for the null reverse-path.</param>
    /// <param name="parameters">The parameters of MAIL as SMTP has them.</param>
    /// <param name="size">The octets that the message will have as far as the client told, or null.</param>
    /// <param name="usesUtf8">True where an address is not ASCII, which counts as SMTPUTF8 where the protocol need not ask for it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<SmtpReply> MailAsync(
        ReadOnlyMemory<byte> address, ReadOnlyMemory<byte> parameters, long? size, bool usesUtf8, CancellationToken cancellationToken)
    {
        if (_options.RequireTls && Session.Connection.Tls is null)
            return Refuse(Canned.TlsRequired);
        if (_options.Auth is { Required: true } && Session.Identity is null)
            return Refuse(Canned.AuthenticationRequired);
        Canned error = MailParameters.TryParse(parameters.Span, Session.Offers | Offered, out MailParameters read);
        Mailbox sender = default;
        if (error == Canned.None && !address.IsEmpty && !Mailbox.TryParse(address.Span, out sender))
            error = Canned.BadSender;
        size ??= read.Size;
        if (error == Canned.None && _options.MaxMessageSize > 0 && size > _options.MaxMessageSize)
            error = Canned.DeclaredTooBig;
        DeliveryTerms? terms = null;
        if (error == Canned.None && read.Terms.IsUsed)
            terms = read.Terms.Resolve(Session.Time.GetUtcNow(), _options.FutureRelease, _options.DeliverByLeast, out error);
        if (error != Canned.None)
            return Refuse(error);
        var transaction = new MailTransaction(sender)
        {
            DeclaredSize = size,
            Body = read.Body,
            SmtpUtf8 = read.SmtpUtf8 || usesUtf8,
            Return = read.Return,
            EnvelopeId = read.EnvelopeId,
            Submitter = read.Submitter is not null && Session.Identity is null ? "" : read.Submitter,
            Terms = terms,
        };
        Session.SetUtf8(transaction.SmtpUtf8);
        SmtpReply answer = await _handler.OnMailAsync(Session, transaction, cancellationToken);
        if (IsYes(answer))
            _transaction = transaction;
        return OrUsual(answer, Canned.MailOk);
    }

    /// <summary>A forward-path with the parameters of RCPT; a refusal leaves the recipient out, and others may follow.</summary>
    public async ValueTask<SmtpReply> RecipientAsync(ReadOnlyMemory<byte> address, ReadOnlyMemory<byte> parameters, CancellationToken cancellationToken)
    {
        MailTransaction transaction = _transaction ?? throw new InvalidOperationException("There is no transaction.");
        Canned error = RecipientParameters.TryParse(parameters.Span, out RecipientParameters read);
        Mailbox mailbox = default;
        if (error == Canned.None && !Mailbox.TryParse(address.Span, out mailbox))
            error = Canned.BadRecipient;
        if (error == Canned.None && transaction.Recipients.Count >= _options.MaxRecipients)
            error = Canned.TooManyRecipients;
        if (error == Canned.None && IsDomainTooMany(mailbox))
            error = Canned.TooManyDomains;
        if (error != Canned.None)
            return Refuse(error);
        var recipient = new Recipient(mailbox, read.Notify, read.OriginalRecipient);
        SmtpReply answer = await _handler.OnRecipientAsync(Session, transaction, recipient, cancellationToken);
        if (IsYes(answer))
        {
            transaction.Add(recipient);
            NoteDomain(mailbox);
        }
        else if (answer.Code >= 500 && ++_refusals > _options.MaxRefusals && _options.MaxRefusals > 0 && !Session.IsExempt)
            return Refuse(Canned.TooManyErrors);
        return OrUsual(answer, Canned.RecipientOk);
    }

    /// <summary>The content comes next.</summary>
    public async ValueTask<SmtpReply> DataAsync(CancellationToken cancellationToken)
    {
        if (_transaction is not { Recipients.Count: > 0 } transaction)
            return Refuse(Canned.NoValidRecipients);
        SmtpReply answer = await _handler.OnDataAsync(Session, transaction, cancellationToken);
        if (answer.Code >= 400 || answer.Closes)
            return answer;
        ContentWriter writer;
        try
        {
            writer = _handler.BeginContent(Session, transaction);
        }
        catch (Exception failure)
        {
            return OrUsual(_handler.OnContentFailed(Session, failure), Canned.ContentFailed);
        }

        bool isBinary = transaction.Body == BodyType.BinaryMime;
        _intake.BeginChunks(writer, isBinary);
        if (!isBinary)
            _converter = new LineEndConverter(_converted = new ArrayBufferWriter<byte>(8 * 1024));
        return CannedReplies.ToReply(Canned.Ok);
    }

    /// <summary>
    /// A piece of the content, whose lines may end with LF, CR or CRLF, unless BODY is BINARYMIME. False where no more is wanted, because the
    /// message will be refused.
    /// </summary>
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        if (_converter is null)
            return await TakeAsync(piece, cancellationToken);
        _converted!.ResetWrittenCount();
        _converter.Write(piece.Span);
        return await TakeAsync(_converted.WrittenMemory, cancellationToken);
    }

    /// <summary>The content is complete: the answer to the message. Only a positive one means that it was taken.</summary>
    public async ValueTask<SmtpReply> FinishAsync(CancellationToken cancellationToken)
    {
        if (_converter is not null)
        {
            _converted!.ResetWrittenCount();
            _converter.Complete();
            await TakeAsync(_converted.WrittenMemory, cancellationToken);
        }

        MessageContent? content = null;
        if (_intake.Problem == ContentProblem.None && _intake.IsAcceptable())
        {
            try
            {
                content = await _intake.CompleteAsync(cancellationToken);
            }
            catch (Exception failure)
            {
                _intake.Fail(failure);
            }
        }

        MailTransaction transaction = _transaction!;
        if (content is null)
            return RefuseContent(transaction);
        _transaction = null;
        SmtpReply answer = await _handler.OnMessageAsync(Session, transaction, content, cancellationToken);
        PerRecipientReplies = transaction.PerRecipientReplies;
        return OrUsual(answer, Canned.MessageOk);
    }

    /// <summary>The exchange is over, for this reason.</summary>
    public void End(SessionEndReason reason)
    {
        Abandon();
        _handler.OnDisconnect(Session, reason);
    }

    /// <summary>Gives up what was not finished.</summary>
    public void Dispose() => Abandon();

    // What no command has to ask for first.
    private MailOffers Offered =>
        (_options.BinaryMime ? MailOffers.BinaryMime : MailOffers.None) | (_options.DeliverBy ? MailOffers.DeliverBy : MailOffers.None) | (_options.MtPriority ? MailOffers.Priority : MailOffers.None);

    // "Yes, and good-bye" is none.
    private static bool IsYes(in SmtpReply answer) => answer.IsNone || (answer.IsPositive && !answer.Closes);

    private static SmtpReply OrUsual(in SmtpReply answer, Canned usual) => answer.IsNone ? CannedReplies.ToReply(usual) : answer;

    private void Abandon()
    {
        _intake.Abandon();
        if (_transaction is null)
            return;
        _transaction = null;
        _handler.OnReset(Session);
    }

    private bool IsDomainTooMany(Mailbox recipient) =>
        _domains is not null && _domains.Count >= _options.MaxDomainsPerMessage && !_domains.Contains(recipient.GetRoutingDomain());

    private void NoteDomain(Mailbox recipient)
    {
        if (_options.MaxDomainsPerMessage > 0)
            (_domains ??= new HashSet<string>(StringComparer.Ordinal)).Add(recipient.GetRoutingDomain());
    }

    private async ValueTask<bool> TakeAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        if (_intake.Problem != ContentProblem.None)
            return false;
        if (piece.IsEmpty)
            return true;
        _intake.ExpectChunk(piece.Length, isLast: false);
        while (!_intake.IsPartComplete && _intake.Problem == ContentProblem.None)
        {
            try
            {
                await _intake.TakeAsync(piece, cancellationToken);
            }
            catch (Exception failure)
            {
                _intake.Fail(failure);
            }

            piece = piece[_intake.Taken..];
        }

        return _intake.Problem == ContentProblem.None;
    }

    private SmtpReply RefuseContent(MailTransaction transaction)
    {
        SmtpReply reply;
        if (_intake.Problem == ContentProblem.WriterFailed)
        {
            reply = OrUsual(_handler.OnContentFailed(Session, _intake.Failure!), Canned.ContentFailed);
        }
        else
        {
            Canned canned = _intake.Problem switch
            {
                ContentProblem.TooBig => Canned.TooBig,
                ContentProblem.Nul => Canned.NulInContent,
                ContentProblem.LongLine => Canned.LongLine,
                _ => Canned.BareLineEnd,
            };
            _handler.OnContentRefused(Session, transaction, CannedReasons.Get(canned), CannedReplies.Get(canned));
            reply = CannedReplies.ToReply(canned);
        }

        Abandon();
        return reply;
    }

    private SmtpReply Refuse(Canned reply)
    {
        _handler.OnCommandRefused(Session, CannedReasons.Get(reply), CannedReplies.Get(reply));
        return CannedReplies.ToReply(reply);
    }
}
