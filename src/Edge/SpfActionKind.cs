namespace SlimtaFast.Edge;

/// <summary>What is done with a message for its SPF result.</summary>
public enum SpfActionKind
{
    /// <summary>Nothing.</summary>
    Accept,

    /// <summary>A header field is put in front of it.</summary>
    AddHeader,

    /// <summary>Its client has to come back later.</summary>
    Greylist,

    /// <summary>Its client is told something: a refusal, or that it is welcome nevertheless.</summary>
    Reply,
}
