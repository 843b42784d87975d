namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>In which pieces a script reaches the server.</summary>
public enum Cut
{
    /// <summary>All at once.</summary>
    Whole,

    /// <summary>As the script's parts give it, which is line by line.</summary>
    Lines,

    /// <summary>Octet by octet.</summary>
    Octets,

    /// <summary>Octet by octet, with what is unused in as many segments.</summary>
    Segments,
}
