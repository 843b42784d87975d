using SlimtaFast.Mail;

namespace SlimtaFast.Protocol;

/// <summary>
/// The questions that a dialogue asks of whoever runs the server. Each method may answer with a reply of its own; the default value
/// (<see cref="SmtpReply.IsNone"/>) means "no objection" and the session sends the usual reply. A 221 or 421 closes the session after it
/// is sent. Methods run one at a time per session, on the thread that serves the connection: they may await, but never block.
/// An exception ends the session with 421 4.3.0 and is found in <see cref="SmtpServerSession.Fault"/>, for the session's owner to log.
/// The cancellation tokens are not cancelled by a graceful stop: a transaction that has begun is finished.
/// </summary>
public abstract class SmtpServerHandler
{
    /// <summary>A client connected, or a trusted proxy has changed by XCLIENT who the client is; before the greeting.</summary>
    public virtual ValueTask<SmtpReply> OnConnectAsync(SmtpServerSession session, CancellationToken cancellationToken) => default;

    /// <summary>
    /// A TLS handshake is done: <see cref="Transport.Connection.TlsFacts"/>. With implicit TLS it comes before
    /// <see cref="OnConnectAsync"/>. What was known of the client before is forgotten. A negative reply is sent and ends the session.
    /// </summary>
    public virtual ValueTask<SmtpReply> OnTlsAsync(SmtpServerSession session, CancellationToken cancellationToken) => default;

    /// <summary>
    /// True where the client may have messages held (<see cref="SmtpServerOptions.FutureRelease"/>). Asked at each EHLO and MAIL, so that it
    /// may change with who the client is; must be quick. The default lets nobody.
    /// </summary>
    public virtual bool MayHold(SmtpServerSession session) => false;

    /// <summary>HELO, EHLO or LHLO; the name is in <see cref="SmtpServerSession.HelloName"/>.</summary>
    public virtual ValueTask<SmtpReply> OnHelloAsync(SmtpServerSession session, CancellationToken cancellationToken) => default;

    /// <summary>
    /// AUTH: a mechanism of <see cref="SmtpAuthOptions.Mechanisms"/> asks about a user. The kinds of request that come are those of the
    /// mechanisms. The default rejects everybody.
    /// </summary>
    public virtual ValueTask<AuthenticationAnswer> OnAuthenticateAsync(SmtpServerSession session, AuthenticationRequest request, CancellationToken cancellationToken) =>
        new(AuthenticationAnswer.Rejected);

    /// <summary>
    /// An AUTH exchange has ended; awaited before the client is answered, so that failures can be slowed down. A reply takes the place of
    /// the usual one; a negative one after a success refuses the user, and a 221 or 421 after anything else ends the session with
    /// <see cref="SessionEndReason.AuthenticationFailures"/>.
    /// </summary>
    public virtual ValueTask<SmtpReply> OnAuthenticationEndAsync(SmtpServerSession session, AuthenticationResult result, CancellationToken cancellationToken) => default;

    /// <summary>MAIL with a valid path and valid parameters.</summary>
    public virtual ValueTask<SmtpReply> OnMailAsync(SmtpServerSession session, MailTransaction transaction, CancellationToken cancellationToken) => default;

    /// <summary>RCPT with a valid path and valid parameters; a negative reply leaves the recipient out.</summary>
    public virtual ValueTask<SmtpReply> OnRecipientAsync(SmtpServerSession session, MailTransaction transaction, Recipient recipient, CancellationToken cancellationToken) => default;

    /// <summary>DATA or the first BDAT, before its content is read. For DATA a 354 is a go-ahead in words of the handler's own.</summary>
    public virtual ValueTask<SmtpReply> OnDataAsync(SmtpServerSession session, MailTransaction transaction, CancellationToken cancellationToken) => default;

    /// <summary>Makes the writer that takes the content.</summary>
    public abstract ContentWriter BeginContent(SmtpServerSession session, MailTransaction transaction);

    /// <summary>
    /// The message is complete. Only this method's positive answer lets the session say 250. It owns one reference to the content.
    /// Under LMTP it fills <paramref name="transaction"/>'s per-recipient replies where they differ.
    /// </summary>
    public abstract ValueTask<SmtpReply> OnMessageAsync(SmtpServerSession session, MailTransaction transaction, MessageContent content, CancellationToken cancellationToken);

    /// <summary>
    /// <see cref="BeginContent"/> or the content writer failed: what the client is told. The session has read the message to its end and
    /// forgets it. The exception is nowhere else reported.
    /// </summary>
    public virtual SmtpReply OnContentFailed(SmtpServerSession session, Exception exception) =>
        new(451, new EnhancedStatus(4, 3, 0), "Message could not be stored, try again later");

    /// <summary>
    /// The dialogue itself refused a command, by its own rules and options: for the handler to count and log. What the handler refused is
    /// not told again.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="reason">Why.</param>
    /// <param name="reply">The reply with its CRLF.</param>
    public virtual void OnCommandRefused(SmtpServerSession session, RefusalReason reason, ReadOnlySpan<byte> reply)
    {
    }

    /// <summary>The dialogue itself refused a content, by its own rules and options: for the handler to count and log.</summary>
    /// <param name="session">The session.</param>
    /// <param name="transaction">The transaction, which is over after this.</param>
    /// <param name="reason">Why.</param>
    /// <param name="reply">The reply with its CRLF.</param>
    public virtual void OnContentRefused(SmtpServerSession session, MailTransaction transaction, RefusalReason reason, ReadOnlySpan<byte> reply)
    {
    }

    /// <summary>RSET, a new hello, or a failure ended a transaction without a message.</summary>
    public virtual void OnReset(SmtpServerSession session)
    {
    }

    /// <summary>The client sent more than it was allowed to before our reply; whether that ends the session is the options' matter.</summary>
    public virtual void OnEarlyInput(SmtpServerSession session, EarlyInput where)
    {
    }

    /// <summary>XFORWARD from a trusted proxy; what it told so far is in <see cref="SmtpServerSession.Forwarded"/>.</summary>
    public virtual void OnForwarded(SmtpServerSession session)
    {
    }

    /// <summary>The session is over.</summary>
    public virtual void OnDisconnect(SmtpServerSession session, SessionEndReason reason)
    {
    }
}
