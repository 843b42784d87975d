using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge;

/// <summary>
/// Takes part in every session of an edge: override what is of interest. docs/hooks.md has an example and the order of things.
/// <para>
/// The default answer, <c>default</c>, is "no objection". A negative reply refuses and no later hook is asked; a positive one is what
/// the client is told unless a later hook answers too, and grants nothing by itself. A 221 or 421 closes the connection after it was sent, and
/// <see cref="HookSession.Drop()"/> ends it without a word. A reply made by <see cref="HookSession.Refuse"/> carries its reason into logs and
/// metrics.
/// </para>
/// <para>
/// One hook object serves all sessions at once, so what belongs to one session goes into <see cref="HookSession.Set"/>. The methods for
/// one session run one at a time, on the thread that serves its connection: they may await, but never block. An exception ends the
/// session with 421 4.3.0 and is logged.
/// </para>
/// </summary>
public abstract class SessionHook
{
    /// <summary>A client connected; before the greeting. A positive reply is the greeting.</summary>
    public virtual ValueTask<SmtpReply> OnConnectAsync(HookSession session, CancellationToken cancellationToken) => default;

    /// <summary>TLS is in use from now on; <see cref="HookSession.Tls"/> describes it. There is nobody to answer: a negative reply drops the connection.</summary>
    public virtual ValueTask<SmtpReply> OnTlsAsync(HookSession session, CancellationToken cancellationToken) => default;

    /// <summary>HELO, EHLO or LHLO; the name is in <see cref="HookSession.HelloName"/>.</summary>
    public virtual ValueTask<SmtpReply> OnHelloAsync(HookSession session, CancellationToken cancellationToken) => default;

    /// <summary>A client proved who it is; its answer is still to come, and a negative one undoes the authentication.</summary>
    public virtual ValueTask<SmtpReply> OnAuthAsync(HookSession session, string identity, CancellationToken cancellationToken) => default;

    /// <summary>MAIL, with a valid address and valid parameters.</summary>
    public virtual ValueTask<SmtpReply> OnMailAsync(HookSession session, MailTransaction transaction, CancellationToken cancellationToken) => default;

    /// <summary>RCPT to somebody to whom the client may send; a negative reply leaves the recipient out.</summary>
    public virtual ValueTask<SmtpReply> OnRecipientAsync(HookSession session, MailTransaction transaction, Recipient recipient, CancellationToken cancellationToken) => default;

    /// <summary>DATA or the first BDAT, before the content is sent.</summary>
    public virtual ValueTask<SmtpReply> OnDataAsync(HookSession session, MailTransaction transaction, CancellationToken cancellationToken) => default;

    /// <summary>
    /// A message is complete and goes to the queue next. The hook may change its envelope; a negative reply keeps it from the queue, a
    /// positive one is what the client is told once the queue has it, and <see cref="HookMessage.Discard"/> makes it vanish.
    /// </summary>
    public virtual ValueTask<SmtpReply> OnMessageAsync(HookSession session, HookMessage message, CancellationToken cancellationToken) => default;

    /// <summary>
    /// The queue answered. The hook may word the answer differently; a reply that turns an acceptance into a refusal, or the other way
    /// round, is not used, because the queue has decided; an exception is logged, and the client is told what the queue answered.
    /// </summary>
    public virtual ValueTask<SmtpReply> OnQueuedAsync(HookSession session, Envelope envelope, EnqueueResult result, CancellationToken cancellationToken) => default;

    /// <summary>RSET, a new hello or a failure ended a transaction without a message.</summary>
    public virtual void OnReset(HookSession session)
    {
    }

    /// <summary>The session is over.</summary>
    public virtual void OnDisconnect(HookSession session, SessionEndReason reason)
    {
    }
}
