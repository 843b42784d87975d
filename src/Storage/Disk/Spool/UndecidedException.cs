using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>
/// A change of files failed when it could no longer be undone: its files may be in place, or be put there by the next start. Contents that
/// they name have to stay.
/// </summary>
internal sealed class UndecidedException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="cause">What failed.</param>
    public UndecidedException(IOException cause)
        : base(cause.Message, cause) => Failure = DiskError.Classify(cause);

    /// <summary>Whose fault it is, for the reply.</summary>
    public StorageFailure Failure { get; }
}
