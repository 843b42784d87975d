namespace SlimtaFast.Protocol.Data;

/// <summary>Why a content that was read to its end is not taken.</summary>
internal enum ContentProblem : byte
{
    /// <summary>It is taken.</summary>
    None,

    /// <summary>Larger than the server allows.</summary>
    TooBig,

    /// <summary>A CR or LF that is not part of CRLF.</summary>
    BareLineEnd,

    /// <summary>A NUL octet.</summary>
    Nul,

    /// <summary>A line of more than 998 octets.</summary>
    LongLine,

    /// <summary>The writer failed.</summary>
    WriterFailed,

    /// <summary>It was refused before it came; its octets were only dropped.</summary>
    Refused,
}
