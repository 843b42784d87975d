using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;
using SlimtaFast.Storage.Kept;

namespace SlimtaFast.Storage;

/// <summary>
/// Keeps contents in a folder that all processes see: on one machine, or on a file system that machines share and that flushes when it is asked to. Each is a
/// file of the item's name, in one of 256 folders by the name's last two digits; a name stands only for what is complete and flushed. Thread-safe.
/// </summary>
public sealed class FolderContents : IContentStore
{
    private const int CopyBuffer = 256 * 1024;
    private const string Scratch = "tmp", Digits = "0123456789abcdef";

    private readonly string _directory;
    private readonly IFileLayer _files;

    /// <summary>Uses a folder, which <see cref="StartAsync"/> makes where it is not there.</summary>
    public FolderContents(string directory)
        : this(directory, FileLayer.ForThisSystem())
    {
    }

    internal FolderContents(string directory, IFileLayer files)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        _directory = Path.GetFullPath(directory);
        _files = files;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => RunAsync(() =>
    {
        _files.CreateDirectory(Path.Combine(_directory, Scratch));
        foreach (string folder in Folders)
            _files.CreateDirectory(folder);
        return true;
    });

    /// <inheritdoc/>
    public async ValueTask KeepAsync(QueueId item, MessageContent content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        string path = PathOf(item), scratch = Path.Combine(_directory, Scratch, $"{item}-{Guid.NewGuid():N}");
        content.Retain();
        try
        {
            IStoreFile file = await RunAsync(() => _files.Create(scratch)).ConfigureAwait(false);
            try
            {
                await CopyAsync(content, file, cancellationToken).ConfigureAwait(false);
                await RunAsync(() => Finish(file, scratch, path)).ConfigureAwait(false);
            }
            catch
            {
                await RunAsync(() => Abandon(file, scratch)).ConfigureAwait(false);
                throw;
            }
        }
        finally
        {
            content.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<MessageContent?> OpenAsync(EnvelopeHead head, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(head);
        IStoreFile? file = await RunAsync(() => _files.TryOpen(PathOf(head.Item.Envelope.Id), writable: false)).ConfigureAwait(false);
        if (file is null)
            return null;
        if (file.Length == head.ContentLength)
            return new KeptContent(head, file);
        file.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(QueueId item, CancellationToken cancellationToken) => await RunAsync(() => _files.Delete(PathOf(item))).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<int> SweepAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        int count = 0;
        foreach (string folder in Folders.Append(Path.Combine(_directory, Scratch)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            count += await RunAsync(() => Sweep(folder, before)).ConfigureAwait(false);
        }

        return count;
    }

    private IEnumerable<string> Folders => Digits.SelectMany(high => Digits.Select(low => Path.Combine(_directory, string.Concat([high, low]))));

    private string PathOf(QueueId item)
    {
        string name = item.ToString();
        return Path.Combine(_directory, name[^2..], name);
    }

    private static async ValueTask CopyAsync(MessageContent content, IStoreFile file, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[CopyBuffer];
        for (long at = 0; at < content.Length;)
        {
            int read = await ReadAsync(content, at, buffer, cancellationToken).ConfigureAwait(false);
            if (read == 0)
                throw new StorageException(StorageFailure.Unavailable, $"The content {content.Id} ends before its time.");
            long to = at;
            await RunAsync(() =>
            {
                file.Write(to, buffer.AsSpan(0, read));
                return true;
            }).ConfigureAwait(false);
            at += read;
        }
    }

    private static async ValueTask<int> ReadAsync(MessageContent content, long at, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await content.ReadAsync(at, buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException trouble)
        {
            throw new StorageException(StorageFailure.Unavailable, $"A content could not be read: {trouble.Message}", trouble);
        }
    }

    private bool Finish(IStoreFile file, string scratch, string path)
    {
        file.Flush();
        file.Dispose();
        _files.Rename(scratch, path);
        using IStoreDirectory directory = _files.OpenDirectory(Path.GetDirectoryName(path)!);
        directory.Flush();
        return true;
    }

    private bool Abandon(IStoreFile file, string scratch)
    {
        file.Dispose();
        return _files.Delete(scratch);
    }

    // The first 32 digits of every name are an item's, and tell when it was made.
    private int Sweep(string folder, DateTimeOffset before)
    {
        var old = new List<string>();
        _files.List(folder, name =>
        {
            string text = name.ToString();
            if (text.Length >= QueueId.PrintedLength && QueueId.TryParse(text.AsSpan(0, QueueId.PrintedLength), out QueueId id) && id.CreatedAt < before)
                old.Add(text);
        });
        return old.Count(name => _files.Delete(Path.Combine(folder, name)));
    }

    // The disk blocks its thread, and callers may be on one that must not.
    private static async Task<T> RunAsync<T>(Func<T> operation)
    {
        try
        {
            return await Task.Run(operation).ConfigureAwait(false);
        }
        catch (IOException trouble)
        {
            throw new StorageException(DiskError.Classify(trouble), $"The store for contents failed: {trouble.Message}", trouble);
        }
        catch (UnauthorizedAccessException trouble)
        {
            throw new StorageException(StorageFailure.Unavailable, $"The store for contents failed: {trouble.Message}", trouble);
        }
    }
}
