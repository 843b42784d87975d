namespace SlimtaFast.MailAuth.Spf;

/// <summary>What becomes of an evaluation after a mechanism was asked.</summary>
internal enum MatchStatus
{
    /// <summary>It does not match: the next one is asked.</summary>
    No,

    /// <summary>It matches: its qualifier is the result.</summary>
    Yes,

    /// <summary>An error ends the whole evaluation.</summary>
    Stop,
}
