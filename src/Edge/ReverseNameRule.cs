namespace SlimtaFast.Edge;

/// <summary>What a client's name in the reverse DNS must be like.</summary>
public enum ReverseNameRule
{
    /// <summary>Anything: a confirmed name is noted for Received fields and nothing is refused.</summary>
    Note,

    /// <summary>The address must have a name.</summary>
    Exists,

    /// <summary>The address must have a name, and one of its names must lead back to the address.</summary>
    Confirmed,
}
