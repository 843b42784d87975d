namespace SlimtaFast.MailAuth;

/// <summary>What a method of authentication found out, in the words of RFC 8601 section 2.7.</summary>
public enum MailAuthResult
{
    /// <summary>There is nothing to judge by: no policy, no signature.</summary>
    None,

    /// <summary>The domain says explicitly that it says nothing.</summary>
    Neutral,

    /// <summary>Authorized.</summary>
    Pass,

    /// <summary>Not authorized.</summary>
    Fail,

    /// <summary>Probably not authorized; the domain does not want it refused for that.</summary>
    SoftFail,

    /// <summary>It could not be found out; later it may.</summary>
    TempError,

    /// <summary>What the domain published cannot be understood; somebody there has to mend it.</summary>
    PermError,
}
