namespace SlimtaFast.Edge.Lists;

/// <summary>What a list says of an address.</summary>
internal enum ListAction
{
    /// <summary>No objection.</summary>
    Accept,

    /// <summary>Refuse with a reply.</summary>
    Refuse,

    /// <summary>End the connection without a word.</summary>
    Drop,

    /// <summary>Accept, and put another address in its place.</summary>
    Rewrite,
}
