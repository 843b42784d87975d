namespace SlimtaFast.Protocol.Replies;

/// <summary>For which reason a fixed reply refuses something.</summary>
internal static class CannedReasons
{
    /// <summary>The reason; none for replies that refuse nothing, or that end a session for a reason of their own.</summary>
    public static RefusalReason Get(Canned reply) => reply switch
    {
        < Canned.UnknownCommand => RefusalReason.None,
        Canned.UnknownCommand or Canned.NotImplemented => RefusalReason.UnknownCommand,
        Canned.BareLineEndInCommand or Canned.BareLineEnd => RefusalReason.BareLineEnd,
        Canned.LineTooLong => RefusalReason.LineTooLong,
        Canned.ContentTooEarly => RefusalReason.ContentTooEarly,
        Canned.EncryptionRequired or Canned.AuthenticationRequired or Canned.TlsRequired => RefusalReason.NotProtected,
        Canned.BadCredentials or Canned.TooManyAuthFailures => RefusalReason.NotAuthenticated,
        Canned.CommandTooEarly or Canned.TalkedTooEarly or Canned.InputBehindStartTls => RefusalReason.EarlyTalker,
        >= Canned.HelloFirst and <= Canned.NotAuthorized => RefusalReason.BadSequence,
        < Canned.HelloFirst => RefusalReason.BadSyntax,
        Canned.TooManyRecipients => RefusalReason.TooManyRecipients,
        Canned.TooManyDomains => RefusalReason.TooManyDomains,
        Canned.DeclaredTooBig or Canned.TooBig => RefusalReason.TooBig,
        Canned.NulInContent => RefusalReason.NulInContent,
        Canned.LongLine => RefusalReason.LongLine,
        Canned.TooManyErrors => RefusalReason.TooManyErrors,
        Canned.TooManyCommands => RefusalReason.TooManyCommands,
        Canned.TooManyMessages => RefusalReason.TooManyMessages,
        _ => RefusalReason.None,
    };
}
