namespace SlimtaFast.Protocol.Replies;

/// <summary>How far a reply parser came.</summary>
internal enum ReplyParseStatus
{
    /// <summary>The reply is not whole yet; what was consumed is remembered.</summary>
    NeedMore,

    /// <summary>A whole reply was read.</summary>
    Done,

    /// <summary>What came is not a reply: no code, a code outside 200 to 599, or lines of different codes.</summary>
    Malformed,

    /// <summary>A line, the number of lines, or the whole reply is beyond its bound.</summary>
    TooLong,
}
