namespace SlimtaFast.Mail;

/// <summary>What is known of a content's bytes, so that nobody has to read them again to decide how to send them.</summary>
[Flags]
public enum ContentTraits : ushort
{
    /// <summary>Nothing special: CRLF lines of 7-bit text.</summary>
    None = 0,

    /// <summary>At least one octet above 127.</summary>
    EightBit = 1,

    /// <summary>At least one NUL octet.</summary>
    Nul = 2,

    /// <summary>A CR or LF that is not part of a CRLF pair: only BDAT may carry it.</summary>
    BareLineEnd = 4,

    /// <summary>A line of more than 998 octets without its CRLF (RFC 5321 section 4.5.3.1.6).</summary>
    LongLine = 8,

    /// <summary>A line that starts with a dot, so that DATA needs dot-stuffing.</summary>
    LeadingDot = 16,

    /// <summary>The content does not end with CRLF, which DATA would have to add.</summary>
    NoFinalLineEnd = 32,
}
