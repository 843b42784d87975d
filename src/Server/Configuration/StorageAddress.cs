namespace SlimtaFast.Server.Configuration;

/// <summary>Where queued mail is kept, as <c>--storage</c> names it. Immutable.</summary>
internal abstract record StorageAddress
{
    /// <summary>The folders whose file systems must have room; none where nothing is written to disk.</summary>
    public virtual IReadOnlyList<string> Directories => [];

    /// <summary>True where several processes may use it at once.</summary>
    public virtual bool IsShared => false;

    /// <summary>Reads a storage address, or throws a <see cref="FormatException"/> that says what is wrong.</summary>
    public static StorageAddress Parse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string scheme = colon < 0 ? text : text[..colon];
        string rest = colon < 0 ? "" : text[(colon + 1)..];
        switch (scheme.ToUpperInvariant())
        {
            case "MEMORY" when colon >= 0:
                if (rest.Length > 0)
                    throw new FormatException($"'{text}': memory: takes no address; its content is gone when the server stops");
                return new MemoryStorageAddress();
            case "DISK" when colon >= 0:
                return DiskStorageAddress.Parse(rest);
            case "REDIS" or "REDISS" when colon >= 0:
                return RedisStorageAddress.Parse(text);
            case "S3" when colon >= 0:
                return S3StorageAddress.Parse(text);
            case "SWIFT" or "RACKSPACE" when colon >= 0:
                return SwiftStorageAddress.Parse(text);
            default:
                throw new FormatException($"'{text}' is not a storage; use disk:DIRECTORY, redis://HOST, s3://BUCKET, swift://CONTAINER?auth=URL or memory:");
        }
    }
}
