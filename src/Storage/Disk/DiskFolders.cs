using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Disk;

/// <summary>The folders of a storage, all named.</summary>
internal sealed record DiskFolders(string Env, string Meta, string Tmp, string Journal, string Quarantine)
{
    /// <summary>What the options say, or else their places under the spool's folder.</summary>
    public static DiskFolders Of(DiskStorageOptions options)
    {
        string root = options.Directory;
        return new DiskFolders(
            options.EnvDirectory ?? Path.Combine(root, "env"),
            options.MetaDirectory ?? Path.Combine(root, "meta"),
            options.TmpDirectory ?? Path.Combine(root, "tmp"),
            options.JournalDirectory ?? Path.Combine(root, "journal"),
            options.QuarantineDirectory ?? Path.Combine(root, "quarantine"));
    }

    /// <summary>What the spool needs to know.</summary>
    /// <param name="options">Who reads its files, and how.</param>
    public SpoolSettings ToSpoolSettings(DiskStorageOptions options) => new()
    {
        EnvelopeFolder = Env,
        StateFolder = Meta,
        ScratchFolder = Tmp,
        QuarantineFolder = Quarantine,
        ReaderThreads = options.ScanThreads,
        LargeSpool = options.LargeSpool,
    };
}
