namespace SlimtaFast.Protocol.Replies;

/// <summary>The names of the replies whose text never changes; <see cref="CannedReplies"/> has their bytes.</summary>
internal enum Canned : byte
{
    /// <summary>No reply: all is well so far.</summary>
    None,

    Ok,
    MailOk,
    RecipientOk,
    StartMail,
    MessageOk,
    Help,
    CannotVerify,

    UnknownCommand,
    NotImplemented,
    ControlInCommand,
    BareLineEndInCommand,
    LineTooLong,
    NonAsciiArgument,
    NoArgumentAllowed,
    ArgumentRequired,
    BadHelloName,
    MailSyntax,
    RecipientSyntax,
    BadSender,
    BadRecipient,
    Utf8NotAnnounced,
    BadParameter,
    RepeatedParameter,
    UnknownParameter,
    BadChunkSize,

    HelloFirst,
    MailFirst,
    RecipientFirst,
    NestedMail,
    ChunksOpen,
    NoValidRecipients,
    ContentTooEarly,

    TooManyRecipients,
    DeclaredTooBig,
    TooBig,
    BareLineEnd,
    NulInContent,
    LongLine,
    ContentFailed,

    TooManyErrors,
    TooManyCommands,
    TooManyMessages,
    TooSlow,
    SessionTooLong,
    WrongProtocol,
    TimedOut,
    ShuttingDown,
    Fault,
}
