namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>What a dialogue goes through.</summary>
public enum Cover
{
    /// <summary>The connection itself.</summary>
    Plain,

    /// <summary>TLS from the first octet on; a piece is a record.</summary>
    Tls,
}
