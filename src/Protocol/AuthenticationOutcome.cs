namespace SlimtaFast.Protocol;

/// <summary>How an AUTH exchange ended; in logs and metrics.</summary>
public enum AuthenticationOutcome
{
    /// <summary>The client is who it says.</summary>
    Succeeded,

    /// <summary>Wrong password, bad token, or no such user (535). Counts against the client.</summary>
    Rejected,

    /// <summary>
    /// The client said that we do not offer channel binding, although we did: somebody between us changed what it saw (535). Counts
    /// against the client.
    /// </summary>
    Downgraded,

    /// <summary>The client broke the mechanism's or the protocol's grammar (501 or 500).</summary>
    Malformed,

    /// <summary>The client gave up with <c>*</c> (501).</summary>
    Cancelled,

    /// <summary>Who could tell cannot be asked now (454).</summary>
    Unavailable,

    /// <summary>
    /// The client was shut out unseen (421), because too many attempts from its address had failed. An edge's own outcome, which no
    /// exchange ends with in a dialogue's eyes.
    /// </summary>
    ShutOut,

    /// <summary>
    /// The client was answered unseen (454), because too many attempts to be the same user had failed, from wherever. An edge's own
    /// outcome, as <see cref="ShutOut"/> is.
    /// </summary>
    AccountShutOut,
}
