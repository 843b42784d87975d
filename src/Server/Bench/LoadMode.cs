namespace SlimtaFast.Server.Bench;

/// <summary>How a load connection groups its commands.</summary>
internal enum LoadMode
{
    /// <summary>One command at a time, each waiting for its reply.</summary>
    Lockstep,

    /// <summary>MAIL, RCPT and DATA in one write, then the content (RFC 2920).</summary>
    Pipeline,

    /// <summary>The whole transaction in one write, the content as one BDAT chunk (RFC 3030).</summary>
    Bdat,
}
