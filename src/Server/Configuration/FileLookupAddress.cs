using SlimtaFast.Lookup;

namespace SlimtaFast.Server.Configuration;

/// <summary>A list in a file.</summary>
/// <param name="Path">The file.</param>
internal sealed record FileLookupAddress(string Path) : LookupAddress
{
    /// <summary>Takes a path, and reads the file once, so that its mistakes are told with the others.</summary>
    public static FileLookupAddress ParsePath(string path)
    {
        try
        {
            _ = new FileLookup(path, TimeProvider.System);
            return new FileLookupAddress(path);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"'{path}' cannot be read: {trouble.Message}", trouble);
        }
    }

    /// <inheritdoc/>
    public override ILookup Open(LookupSecrets secrets, TimeProvider time, Action<Exception> failed) => new FileLookup(Path, time, failed);
}
