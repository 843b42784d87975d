namespace SlimtaFast.Mail;

/// <summary>What an event tells.</summary>
public enum MailEventKind
{
    /// <summary>A next hop took the message for a recipient.</summary>
    Delivered,

    /// <summary>An attempt for a recipient failed and another one will follow.</summary>
    Deferred,

    /// <summary>A recipient is given up: refused for good, or too old.</summary>
    Bounced,

    /// <summary>A client's connection, command, recipient or message was refused.</summary>
    Refused,

    /// <summary>An operator has it held.</summary>
    Held,

    /// <summary>An operator lets go of what was held.</summary>
    Released,

    /// <summary>An operator has thrown it away without telling the sender.</summary>
    Removed,

    /// <summary>An operator has it attempted now.</summary>
    Retried,

    /// <summary>An operator sends it another way.</summary>
    Rerouted,
}
