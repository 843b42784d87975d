namespace SlimtaFast.Mail;

/// <summary>What the client declared of the message's bytes (the BODY parameter, RFC 6152 and RFC 3030).</summary>
public enum BodyType : byte
{
    /// <summary>No BODY parameter.</summary>
    Unspecified = 0,

    /// <summary>BODY=7BIT.</summary>
    SevenBit = 1,

    /// <summary>BODY=8BITMIME.</summary>
    EightBitMime = 2,

    /// <summary>BODY=BINARYMIME, which only BDAT may carry.</summary>
    BinaryMime = 3,
}
