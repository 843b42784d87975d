namespace SlimtaFast.Server.Configuration;

/// <summary>A file that holds one secret, and perhaps a line end behind it.</summary>
internal static class SecretFile
{
    /// <summary>Reads it; empty where it cannot be read, which is told under the key.</summary>
    public static string TryRead(SettingsReader reader, string key, string path)
    {
        try
        {
            return Clean(path, File.ReadAllText(path));
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            reader.Refuse(key, wrong.Message);
            return "";
        }
    }

    /// <summary>Reads it again.</summary>
    public static async ValueTask<string> ReadAsync(string path, CancellationToken cancellationToken) =>
        Clean(path, await File.ReadAllTextAsync(path, cancellationToken));

    private static string Clean(string path, string text) =>
        text.TrimEnd('\r', '\n') is { Length: > 0 } secret ? secret : throw new IOException($"{path} is empty.");
}
