namespace SlimtaFast.MailAuth;

/// <summary>Whose name is judged (RFC 7208 section 2).</summary>
public enum SpfIdentity
{
    /// <summary>The reverse-path of MAIL; for the null reverse-path, postmaster at the name in the hello (section 2.4).</summary>
    MailFrom,

    /// <summary>What the client calls itself (section 2.3).</summary>
    Hello,
}
