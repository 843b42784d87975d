using Microsoft.Extensions.Configuration;

namespace SlimtaFast.Server.Configuration;

/// <summary>Where a process has its configuration from, so that it can be read again. Immutable.</summary>
/// <param name="File">The file that the command line names, or null for the usual one, which need not be there.</param>
/// <param name="CommandLine">Keys and values from options.</param>
internal sealed record ConfigurationInput(string? File, IReadOnlyList<KeyValuePair<string, string?>> CommandLine)
{
    /// <summary>The file's path.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(File ?? ConfigurationSources.DefaultFile);

    /// <summary>Reads it; throws <see cref="UsageException"/> where the file cannot be read.</summary>
    public IConfigurationRoot Load() => ConfigurationSources.Load(File, CommandLine);
}
