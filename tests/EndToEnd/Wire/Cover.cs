namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>What a dialogue goes through.</summary>
public enum Cover
{
    /// <summary>The connection itself.</summary>
    Plain,

    /// <summary>TLS from the first octet on; a piece is a record.</summary>
    Tls,

    /// <summary>TLS from STARTTLS on, whose 220 stands in for the greeting.</summary>
    StartTls,
}
