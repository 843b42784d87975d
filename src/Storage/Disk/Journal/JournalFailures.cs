using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>What those are told whose records were not written.</summary>
internal static class JournalFailures
{
    /// <summary>No room for new mail.</summary>
    public static StorageException Full() => new(StorageFailure.Full, "The journal has reached its maximum size, or its disk is full.");

    /// <summary>No segment could hold it.</summary>
    public static StorageException TooLarge() => new(StorageFailure.Full, "The message is larger than a segment of the journal.");

    /// <summary>The medium failed; null for a journal that is stopped.</summary>
    public static StorageException Unavailable(IOException? problem) =>
        problem is not null && DiskError.Classify(problem) == StorageFailure.Full
            ? new StorageException(StorageFailure.Full, "The disk is full: " + problem.Message, problem)
            : new StorageException(StorageFailure.Unavailable, "The journal cannot be written: " + (problem?.Message ?? "it is stopped"), problem);
}
