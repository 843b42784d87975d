using Microsoft.Extensions.Configuration;

namespace SlimtaFast.Server.Reloading;

/// <summary>The configuration that counts, for what follows changes by itself, as the filters of .NET's logging do. It changes only by what was accepted.</summary>
internal sealed class AcceptedConfiguration : ConfigurationProvider, IConfigurationSource
{
    /// <summary>Begins with a configuration.</summary>
    public AcceptedConfiguration(IConfigurationRoot first) => Data = Copy(first);

    /// <inheritdoc/>
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>Takes another, and tells those who follow.</summary>
    public void Accept(IConfigurationRoot next)
    {
        Data = Copy(next);
        OnReload();
    }

    private static Dictionary<string, string?> Copy(IConfigurationRoot root) =>
        root.AsEnumerable().Where(static pair => pair.Value is not null).ToDictionary(static pair => pair.Key, static pair => pair.Value, StringComparer.OrdinalIgnoreCase);
}
