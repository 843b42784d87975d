namespace SlimtaFast.Edge;

/// <summary>When a client hears what SPF says of its message.</summary>
public enum SpfStage
{
    /// <summary>At MAIL.</summary>
    Mail,

    /// <summary>At each RCPT, so that logs name the recipients, and postmaster can be written to.</summary>
    Recipient,
}
