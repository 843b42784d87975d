namespace SlimtaFast.Queue;

/// <summary>What happens to a message while the scanner is away.</summary>
public enum UnscannedMail
{
    /// <summary>The client is told to try again later (451 4.3.0).</summary>
    TryLater,

    /// <summary>It is accepted without a verdict, and logged.</summary>
    Accept,
}
