namespace SlimtaFast.Mail;

/// <summary>How an attempt ended for one recipient.</summary>
public enum OutcomeKind : byte
{
    /// <summary>The next hop took responsibility.</summary>
    Delivered,

    /// <summary>Try again later.</summary>
    Transient,

    /// <summary>Never going to work: bounce.</summary>
    Permanent,
}
