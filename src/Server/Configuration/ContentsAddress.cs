namespace SlimtaFast.Server.Configuration;

/// <summary>Where contents are kept that are too large for a broker, as <c>Broker:Contents</c> names it. Immutable.</summary>
/// <param name="Directory">The folder; empty where it is none.</param>
/// <param name="Storage">The bucket, the container, or the place in Redis; null for a folder.</param>
internal sealed record ContentsAddress(string Directory, StorageAddress? Storage = null)
{
    private const string FolderScheme = "folder:";

    /// <summary>Reads an address, or throws a <see cref="FormatException"/> that says what is wrong.</summary>
    public static ContentsAddress Parse(string text)
    {
        if (text.StartsWith(FolderScheme, StringComparison.OrdinalIgnoreCase) && text.Length > FolderScheme.Length)
            return new ContentsAddress(text[FolderScheme.Length..]);
        if (!text.Contains("://", StringComparison.Ordinal))
            throw new FormatException($"'{text}' is not a store for contents; it is folder:DIRECTORY, s3://BUCKET, swift://CONTAINER?auth=URL or redis://HOST, of which all edges and workers see the same");
        return StorageAddress.Parse(text) switch
        {
            CloudStorageAddress { HasQueue: true } => throw new FormatException("queue= has no place here: the broker tells of what there is"),
            CloudStorageAddress or RedisStorageAddress => new ContentsAddress("", StorageAddress.Parse(text)),
            _ => throw new FormatException($"'{text}' is not a store for contents"),
        };
    }
}
