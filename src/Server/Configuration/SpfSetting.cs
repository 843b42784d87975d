namespace SlimtaFast.Server.Configuration;

/// <summary>Whether SPF is looked up, and when clients hear of it.</summary>
internal enum SpfSetting
{
    /// <summary>Not at all.</summary>
    Off,

    /// <summary>At MAIL.</summary>
    Mail,

    /// <summary>At each RCPT.</summary>
    Recipient,
}
