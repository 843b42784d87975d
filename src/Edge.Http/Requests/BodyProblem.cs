namespace SlimtaFast.Edge.Http.Requests;

/// <summary>How receiving a body ended.</summary>
internal enum BodyProblem
{
    /// <summary>It is complete, or no more of it is wanted.</summary>
    None,

    /// <summary>The client is gone.</summary>
    ClientGone,

    /// <summary>The client sent too slowly.</summary>
    TooSlow,

    /// <summary>The client broke HTTP: a chunk that is none, or less than was announced.</summary>
    Malformed,
}
