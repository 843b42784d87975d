using SlimtaFast.Mail;
using SlimtaFast.Storage.Scratch;

namespace SlimtaFast.Storage;

/// <summary>
/// Room on a disk for large messages that are passed on while their sender waits, and of which nothing has to remain: each is a file without a
/// name, which is gone with its last reader, and with the process however that ends. Thread-safe.
/// </summary>
public sealed class ScratchContents
{
    private readonly string _directory;

    /// <summary>Uses a folder, which is made where it is not there.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public ScratchContents(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        _directory = Directory.CreateDirectory(directory).FullName;
    }

    /// <summary>
    /// Starts a content. Its writer fails with <see cref="StorageException"/>, which says whether the disk is full.
    /// </summary>
    /// <param name="id">The content's name.</param>
    public ContentWriter Begin(QueueId id) => new ScratchContentWriter(_directory, id);
}
