namespace SlimtaFast.Protocol.Session;

/// <summary>The registered names of protocols for Received fields: RFC 3848 and RFC 6531 section 4.3.</summary>
internal static class ProtocolName
{
    // By: authenticated 1, secure 2.
    private static readonly string[] Esmtp = ["ESMTP", "ESMTPA", "ESMTPS", "ESMTPSA"];
    private static readonly string[] Lmtp = ["LMTP", "LMTPA", "LMTPS", "LMTPSA"];
    private static readonly string[] Utf8Smtp = ["UTF8SMTP", "UTF8SMTPA", "UTF8SMTPS", "UTF8SMTPSA"];
    private static readonly string[] Utf8Lmtp = ["UTF8LMTP", "UTF8LMTPA", "UTF8LMTPS", "UTF8LMTPSA"];

    /// <summary>The name for a transaction; after HELO it is plain SMTP, which has no variants.</summary>
    public static string Get(bool isLmtp, bool isExtended, bool usesUtf8, bool isSecure, bool isAuthenticated)
    {
        if (!isExtended && !isLmtp && !usesUtf8)
            return "SMTP";
        string[] names = isLmtp ? (usesUtf8 ? Utf8Lmtp : Lmtp) : (usesUtf8 ? Utf8Smtp : Esmtp);
        return names[(isAuthenticated ? 1 : 0) + (isSecure ? 2 : 0)];
    }
}
