namespace SlimtaFast.Protocol.Session;

/// <summary>What a dialogue does next.</summary>
internal enum Turn : byte
{
    /// <summary>Nothing more: what there was to do is done.</summary>
    None,

    /// <summary>Wait for input, after all replies were sent.</summary>
    Wait,

    /// <summary>Await the handler's answer to a command.</summary>
    Ask,

    /// <summary>Take a piece of content.</summary>
    Content,

    /// <summary>Shake hands for TLS.</summary>
    Tls,

    /// <summary>Hand a whole message over.</summary>
    Message,
}
