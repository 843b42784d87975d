namespace SlimtaFast.Mail;

/// <summary>How much of the message a failure report returns (the RET parameter, RFC 3461 section 4.3).</summary>
public enum DsnReturn : byte
{
    /// <summary>No RET parameter: the reporting MTA chooses.</summary>
    Unspecified = 0,

    /// <summary>RET=FULL: the whole message.</summary>
    Full = 1,

    /// <summary>RET=HDRS: only the headers.</summary>
    Headers = 2,
}
