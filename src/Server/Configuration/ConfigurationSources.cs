using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace SlimtaFast.Server.Configuration;

/// <summary>Layers the sources of a configuration: file, environment, command line; each overrides the ones before.</summary>
internal static class ConfigurationSources
{
    /// <summary>The file that is read where none is named.</summary>
    public const string DefaultFile = "slimtafast.json";

    /// <summary>In front of every environment variable of ours; sections are separated by <c>__</c>.</summary>
    public const string EnvironmentPrefix = "SLIMTAFAST__";

    /// <summary>Reads the sources; throws <see cref="UsageException"/> where the file is missing or is not JSON.</summary>
    /// <param name="file">The file, or null for <see cref="DefaultFile"/> where it exists.</param>
    /// <param name="commandLine">Keys and values from options.</param>
    public static IConfigurationRoot Load(string? file, IEnumerable<KeyValuePair<string, string?>> commandLine)
    {
        var builder = new ConfigurationBuilder();
        string path = Path.GetFullPath(file ?? DefaultFile);
        if (file is not null && !File.Exists(path))
            throw new UsageException($"there is no configuration file {path}");
        builder.AddJsonFile(path, optional: file is null, reloadOnChange: false);
        builder.AddEnvironmentVariables(EnvironmentPrefix);
        builder.AddInMemoryCollection(commandLine);
        try
        {
            return builder.Build();
        }
        catch (InvalidDataException wrong)
        {
            throw new UsageException($"{path} cannot be read: {Deepest(wrong).Message}", wrong);
        }
        catch (Exception wrong) when (wrong is UnauthorizedAccessException or IOException or FormatException or JsonException)
        {
            throw new UsageException($"{path} cannot be read: {wrong.Message}", wrong);
        }
    }

    private static Exception Deepest(Exception failure) => failure.InnerException is { } inner ? Deepest(inner) : failure;
}
