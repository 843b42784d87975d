namespace SlimtaFast.Protocol.Replies;

/// <summary>How much of a reply's text is wanted, since a string that nobody reads need not be made.</summary>
internal enum ReplyText
{
    /// <summary>The text of a negative reply only.</summary>
    IfNegative,

    /// <summary>The text in any case.</summary>
    Always,

    /// <summary>All lines whole and without looking for an enhanced code: the answer to a hello (RFC 2034 section 4).</summary>
    Lines,
}
