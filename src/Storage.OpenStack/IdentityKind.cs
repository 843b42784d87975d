namespace SlimtaFast.Storage.OpenStack;

/// <summary>How a cloud is told who we are.</summary>
public enum IdentityKind
{
    /// <summary>Not at all: the service's address is given, and it asks nobody.</summary>
    None,

    /// <summary>Swift's own: user and key in a header (auth v1.0).</summary>
    TempAuth,

    /// <summary>Keystone v3 by password.</summary>
    Keystone,

    /// <summary>Rackspace identity v2.0 by API key.</summary>
    Rackspace,
}
