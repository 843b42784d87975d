namespace SlimtaFast.Protocol.Commands;

/// <summary>The extensions of MAIL that a session may or may not offer; the parameters of one that is not offered are unknown.</summary>
[Flags]
internal enum MailOffers : byte
{
    /// <summary>None of these.</summary>
    None = 0,

    /// <summary>BODY=BINARYMIME (RFC 3030).</summary>
    BinaryMime = 1,

    /// <summary>BY (RFC 2852).</summary>
    DeliverBy = 2,

    /// <summary>HOLDFOR and HOLDUNTIL (RFC 4865).</summary>
    FutureRelease = 4,

    /// <summary>MT-PRIORITY (RFC 6710).</summary>
    Priority = 8,

    /// <summary>All of these.</summary>
    All = BinaryMime | DeliverBy | FutureRelease | Priority,
}
