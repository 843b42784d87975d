namespace SlimtaFast.Storage.Cloud;

/// <summary>
/// A large object on its way into a store: it goes out in parts while it comes, and is there as a whole once it is completed, or not at all. Used by
/// one caller at a time. Fails with <see cref="StorageException"/>; after that only disposing is allowed, which gives up what was not completed.
/// </summary>
public abstract class ObjectUpload : IAsyncDisposable
{
    /// <summary>Appends octets, which were copied or sent when the task ends.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Makes the object be there.</summary>
    public abstract ValueTask CompleteAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DisposeCoreAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what it holds, and takes back the parts of what was not completed; never fails.</summary>
    protected abstract ValueTask DisposeCoreAsync();
}
