namespace SlimtaFast.Storage.OpenStack;

/// <summary>Where <see cref="SwiftObjectStore"/> keeps objects. Immutable.</summary>
public sealed record SwiftOptions
{
    /// <summary>The cloud.</summary>
    public required OpenStackOptions Cloud { get; init; }

    /// <summary>The container, which has to be there.</summary>
    public required string Container { get; init; }

    /// <summary>What the names of all objects begin with. Default <c>slimta/</c>.</summary>
    public string Prefix { get; init; } = "slimta/";

    /// <summary>Checks what can be checked without a server.</summary>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Cloud);
        ArgumentNullException.ThrowIfNull(Prefix);
        ArgumentException.ThrowIfNullOrEmpty(Container);
        if (Container.Contains('/', StringComparison.Ordinal))
            throw new ArgumentException("A container's name has no slash.", nameof(Container));
        Cloud.Validate();
    }
}
