using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Replies;

/// <summary>The bytes of the replies whose text never changes. They stand in the program's data: nothing is allocated or formatted.</summary>
internal static class CannedReplies
{
    /// <summary>The whole reply with its CRLF; empty for <see cref="Canned.None"/>.</summary>
    public static ReadOnlySpan<byte> Get(Canned reply) => reply switch
    {
        Canned.None => default,
        Canned.Ok => "250 2.0.0 Ok\r\n"u8,
        Canned.MailOk => "250 2.1.0 Ok\r\n"u8,
        Canned.RecipientOk => "250 2.1.5 Ok\r\n"u8,
        Canned.StartMail => "354 End data with <CR><LF>.<CR><LF>\r\n"u8,
        Canned.MessageOk => "250 2.0.0 Ok: message accepted\r\n"u8,
        Canned.Help => "214 2.0.0 EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT\r\n"u8,
        Canned.LmtpHelp => "214 2.0.0 LHLO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT\r\n"u8,
        Canned.CannotVerify => "252 2.5.2 Cannot verify the user, but will take the message and try to deliver it\r\n"u8,
        Canned.ReadyForTls => "220 2.0.0 Ready to start TLS\r\n"u8,

        Canned.AuthOk => "235 2.7.0 Authentication succeeded\r\n"u8,

        Canned.UnknownCommand => "500 5.5.2 Command not recognized\r\n"u8,
        Canned.NotImplemented => "502 5.5.1 Command not implemented\r\n"u8,
        Canned.ControlInCommand => "500 5.5.2 Control character or malformed UTF-8 in command\r\n"u8,
        Canned.BareLineEndInCommand => "500 5.5.2 Lines end with CR LF only\r\n"u8,
        Canned.LineTooLong => "500 5.5.2 Line too long\r\n"u8,
        Canned.NonAsciiArgument => "501 5.5.2 Argument must be ASCII\r\n"u8,
        Canned.NoArgumentAllowed => "501 5.5.4 No argument allowed\r\n"u8,
        Canned.ArgumentRequired => "501 5.5.4 Argument required\r\n"u8,
        Canned.BadHelloName => "501 5.5.2 Domain or address literal required\r\n"u8,
        Canned.MailSyntax => "501 5.5.4 Syntax: MAIL FROM:<address>\r\n"u8,
        Canned.RecipientSyntax => "501 5.5.4 Syntax: RCPT TO:<address>\r\n"u8,
        Canned.BadSender => "501 5.1.7 Bad sender address syntax\r\n"u8,
        Canned.BadRecipient => "501 5.1.3 Bad recipient address syntax\r\n"u8,
        Canned.Utf8NotAnnounced => "553 5.6.7 Address needs the SMTPUTF8 parameter\r\n"u8,
        Canned.BadParameter => "501 5.5.4 Bad parameter value\r\n"u8,
        Canned.RepeatedParameter => "501 5.5.4 Parameter given twice\r\n"u8,
        Canned.UnknownParameter => "555 5.5.4 Parameter not recognized\r\n"u8,
        Canned.BadChunkSize => "501 5.5.4 Syntax: BDAT size [LAST]\r\n"u8,
        Canned.BadHoldTime => "501 5.5.4 Release time is past, or later than FUTURERELEASE in EHLO allows\r\n"u8,
        Canned.BadDeliverBy => "501 5.5.4 Deliver-by time is too short\r\n"u8,

        Canned.BadClientAttribute => "501 5.5.4 Bad attribute name or value\r\n"u8,
        Canned.UseLhlo => "500 5.5.1 This is LMTP, say LHLO\r\n"u8,
        Canned.AuthSyntax => "501 5.5.4 Syntax: AUTH mechanism [initial-response]\r\n"u8,
        Canned.UnknownMechanism => "504 5.5.4 Mechanism not offered\r\n"u8,
        Canned.BadBase64 => "501 5.5.2 Not base64\r\n"u8,
        Canned.BadAuthResponse => "501 5.5.2 Response does not fit the mechanism\r\n"u8,
        Canned.AuthLineTooLong => "500 5.5.6 Authentication exchange line is too long\r\n"u8,
        Canned.AuthCancelled => "501 5.7.0 Authentication cancelled\r\n"u8,
        Canned.EncryptionRequired => "538 5.7.11 Encryption required for this mechanism\r\n"u8,
        Canned.AlreadyAuthenticated => "503 5.5.1 Already authenticated\r\n"u8,
        Canned.AuthInTransaction => "503 5.5.1 AUTH not allowed during a transaction\r\n"u8,
        Canned.ExtendedHelloFirst => "503 5.5.1 Send EHLO first\r\n"u8,
        Canned.AuthenticationRequired => "530 5.7.0 Authentication required\r\n"u8,

        Canned.HelloFirst => "503 5.5.1 Send HELO or EHLO first\r\n"u8,
        Canned.LhloFirst => "503 5.5.1 Send LHLO first\r\n"u8,
        Canned.MailFirst => "503 5.5.1 Need MAIL first\r\n"u8,
        Canned.RecipientFirst => "503 5.5.1 Need RCPT first\r\n"u8,
        Canned.NestedMail => "503 5.5.1 Transaction already open\r\n"u8,
        Canned.ChunksOpen => "503 5.5.1 BDAT has begun\r\n"u8,
        Canned.BinaryNeedsChunks => "503 5.5.1 BODY=BINARYMIME needs BDAT\r\n"u8,
        Canned.NoValidRecipients => "554 5.5.1 No valid recipients\r\n"u8,
        Canned.TlsActive => "503 5.5.1 TLS is active already\r\n"u8,
        Canned.TlsRequired => "530 5.7.0 Must issue a STARTTLS command first\r\n"u8,
        Canned.InputBehindStartTls => "554 5.5.0 Something was sent behind STARTTLS, closing\r\n"u8,
        Canned.ContentTooEarly => "554 5.5.0 Message sent before 354, closing\r\n"u8,
        Canned.CommandTooEarly => "554 5.5.0 Command sent before the reply to the one before it, closing\r\n"u8,
        Canned.NotAuthorized => "550 5.7.0 Not authorized\r\n"u8,

        Canned.BadCredentials => "535 5.7.8 Authentication credentials invalid\r\n"u8,
        Canned.AuthUnavailable => "454 4.7.0 Temporary authentication failure\r\n"u8,
        Canned.TooManyAuthFailures => "421 4.7.0 Too many failed authentications, closing\r\n"u8,

        Canned.TooManyRecipients => "452 4.5.3 Too many recipients\r\n"u8,
        Canned.TooManyDomains => "452 4.5.3 Too many recipient domains\r\n"u8,
        Canned.DeclaredTooBig => "552 5.3.4 Message too big\r\n"u8,
        Canned.TooBig => "552 5.3.4 Message too big\r\n"u8,
        Canned.BareLineEnd => "550 5.6.11 Bare carriage return or line feed not allowed\r\n"u8,
        Canned.NulInContent => "550 5.6.0 NUL octet not allowed\r\n"u8,
        Canned.LongLine => "550 5.6.0 Line of more than 998 octets\r\n"u8,
        Canned.ContentFailed => "451 4.3.0 Message could not be stored, try again later\r\n"u8,

        Canned.TooManyErrors => "421 4.7.0 Too many errors, closing\r\n"u8,
        Canned.TooManyCommands => "421 4.7.0 Too many commands on this connection, closing\r\n"u8,
        Canned.TooManyMessages => "421 4.5.3 Too many messages in one session, open another\r\n"u8,
        Canned.TooSlow => "421 4.4.2 Too slow, closing\r\n"u8,
        Canned.SessionTooLong => "421 4.4.2 Connection lasted too long, closing\r\n"u8,
        Canned.WrongProtocol => "421 4.7.0 This is an SMTP server, closing\r\n"u8,
        Canned.TalkedTooEarly => "554 5.5.0 Command sent before the greeting, closing\r\n"u8,
        Canned.TimedOut => "421 4.4.2 Timeout, closing\r\n"u8,
        Canned.ShuttingDown => "421 4.3.2 Server is shutting down, closing\r\n"u8,
        Canned.Fault => "421 4.3.0 Internal error, closing\r\n"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(reply)),
    };

    /// <summary>The same as a value, for who does not speak SMTP to the client.</summary>
    public static SmtpReply ToReply(Canned reply)
    {
        string line = System.Text.Encoding.ASCII.GetString(Get(reply)).TrimEnd();
        int code = int.Parse(line.AsSpan(0, 3), System.Globalization.CultureInfo.InvariantCulture);
        return EnhancedStatus.TryParse(line.AsSpan(4), out EnhancedStatus status, out int length)
            ? new SmtpReply(code, status, line[(5 + length)..])
            : new SmtpReply(code, default(EnhancedStatus), line[4..]);
    }

    /// <summary>True where the reply says that the client made a mistake against the protocol, which counts towards its limit.</summary>
    public static bool IsProtocolError(Canned reply) => reply is >= Canned.UnknownCommand and <= Canned.NotAuthorized;
}
