namespace SlimtaFast.TestKit.Load;

/// <summary>What the server said of a message.</summary>
public enum LoadOutcome
{
    /// <summary>Nothing: the connection ended first, so the message may be queued or not.</summary>
    Unknown,

    /// <summary>250: it must arrive.</summary>
    Accepted,

    /// <summary>4xx or 5xx: it must not be needed.</summary>
    Refused,
}
