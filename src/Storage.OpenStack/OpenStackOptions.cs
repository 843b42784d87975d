namespace SlimtaFast.Storage.OpenStack;

/// <summary>Where a cloud is and who we are there. Immutable.</summary>
public sealed record OpenStackOptions
{
    /// <summary>How it is told who we are. Default Keystone.</summary>
    public IdentityKind Identity { get; init; } = IdentityKind.Keystone;

    /// <summary>
    /// The address of the identity service: up to <c>/v3</c> for Keystone, up to <c>/v2.0</c> for Rackspace, all of it for TempAuth; that of the service
    /// itself where nobody is asked.
    /// </summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The user; with TempAuth <c>ACCOUNT:USER</c>.</summary>
    public string UserName { get; init; } = "";

    /// <summary>Password, key or API key.</summary>
    public string Secret { get; init; } = "";

    /// <summary>The project or tenant; empty for the user's own.</summary>
    public string Project { get; init; } = "";

    /// <summary>The domain of user and project, in Keystone. Default <c>Default</c>.</summary>
    public string Domain { get; init; } = "Default";

    /// <summary>The region to choose from the catalogue; empty for the user's default region or the first.</summary>
    public string Region { get; init; } = "";

    /// <summary>True for the addresses inside the provider's network. Default false.</summary>
    public bool UseInternalAddresses { get; init; }

    /// <summary>How long one request may take before it is given up as possibly done. Default 20 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"OpenStackOptions {{ Identity = {Identity}, Endpoint = {Endpoint}, UserName = {UserName}, Project = {Project}, Domain = {Domain}, Region = {Region} }}";

    /// <summary>Checks what can be checked without a server.</summary>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Endpoint);
        if (!Endpoint.IsAbsoluteUri || Endpoint.Scheme is not ("http" or "https"))
            throw new ArgumentException("The endpoint has to be an http or https address.", nameof(Endpoint));
        if (Identity != IdentityKind.None && (UserName.Length == 0 || Secret.Length == 0))
            throw new ArgumentException("User and secret are needed.", nameof(UserName));
        ArgumentOutOfRangeException.ThrowIfLessThan(Timeout, TimeSpan.FromMilliseconds(100));
    }
}
