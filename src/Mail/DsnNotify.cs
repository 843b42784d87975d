namespace SlimtaFast.Mail;

/// <summary>When the sender wants a delivery status notification for a recipient (RFC 3461 section 4.1).</summary>
[Flags]
public enum DsnNotify : byte
{
    /// <summary>No NOTIFY parameter was given: failures are reported, a delay may be.</summary>
    Unspecified = 0,

    /// <summary>NOTIFY=NEVER: nothing is reported.</summary>
    Never = 1,

    /// <summary>Report a delivery.</summary>
    Success = 2,

    /// <summary>Report a failure.</summary>
    Failure = 4,

    /// <summary>Report a delay.</summary>
    Delay = 8,
}
