namespace SlimtaFast.Protocol.Http;

/// <summary>
/// The header fields of mail over HTTP. The first four are python-slimta's; the others are ours, and who does not know them passes them
/// over without harm. docs/http.md describes them.
/// </summary>
internal static class HttpHeaderNames
{
    /// <summary>The reverse-path: base64 of its UTF-8, empty for the null reverse-path.</summary>
    public const string Sender = "X-Envelope-Sender";

    /// <summary>A forward-path in base64 of its UTF-8; one field for each, or several in one with commas.</summary>
    public const string Recipient = "X-Envelope-Recipient";

    /// <summary>What the client calls itself.</summary>
    public const string Hello = "X-Ehlo";

    /// <summary>The answer to the message: <c>250; message="2.0.0 Ok"</c>.</summary>
    public const string Reply = "X-Smtp-Reply";

    /// <summary>The parameters of MAIL as SMTP has them (RFC 5321 section 4.1.2).</summary>
    public const string MailParameters = "X-Envelope-Parameters";

    /// <summary>The parameters of RCPT for one recipient: <c>INDEX NOTIFY=...</c>, the first recipient having index 0.</summary>
    public const string RecipientParameters = "X-Envelope-Recipient-Parameters";

    /// <summary>
    /// <c>yes</c> where the client reads <see cref="RecipientReply"/>, so that a message may be taken for some of its recipients only.
    /// </summary>
    public const string Partial = "X-Envelope-Partial";

    /// <summary>The client's own name of the message, for logs.</summary>
    public const string QueueId = "X-Envelope-Queue-Id";

    /// <summary>The answer for one recipient where it differs from the message's: <c>INDEX; 550; message="5.1.1 No such user"</c>.</summary>
    public const string RecipientReply = "X-Smtp-Recipient-Reply";

    /// <summary>The keywords of what the server understood of the parameters: <c>DSN DELIVERBY MT-PRIORITY SMTPUTF8</c>.</summary>
    public const string Extensions = "X-Smtp-Extensions";
}
