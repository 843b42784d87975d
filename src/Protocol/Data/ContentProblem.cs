namespace SlimtaFast.Protocol.Data;

/// <summary>
/// Why a content that was read to its end is not taken. A higher one outweighs a lower one, whichever was found first, so that the
/// answer does not depend on the pieces in which the content came.
/// </summary>
internal enum ContentProblem : byte
{
    /// <summary>It is taken.</summary>
    None,

    /// <summary>A line of more than 998 octets.</summary>
    LongLine,

    /// <summary>A NUL octet.</summary>
    Nul,

    /// <summary>Larger than the server allows.</summary>
    TooBig,

    /// <summary>The writer failed.</summary>
    WriterFailed,

    /// <summary>A CR or LF that is not part of CRLF: after it the stream cannot be trusted.</summary>
    BareLineEnd,

    /// <summary>It was refused before it came; its octets were only dropped.</summary>
    Refused,
}
