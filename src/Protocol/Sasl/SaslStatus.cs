namespace SlimtaFast.Protocol.Sasl;

/// <summary>What a mechanism needs next, or how it ended.</summary>
internal enum SaslStatus : byte
{
    /// <summary>The challenge goes to the client, whose response is wanted.</summary>
    Challenge,

    /// <summary>The question goes to the handler, whose answer is wanted.</summary>
    Ask,

    /// <summary>The client is who it says.</summary>
    Succeeded,

    /// <summary>It is not, or cannot prove it.</summary>
    Rejected,

    /// <summary>Somebody took channel binding out of what the client saw.</summary>
    Downgraded,

    /// <summary>The response breaks the mechanism's grammar.</summary>
    Malformed,

    /// <summary>The handler cannot answer now.</summary>
    Unavailable,
}
