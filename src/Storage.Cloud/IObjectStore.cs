namespace SlimtaFast.Storage.Cloud;

/// <summary>
/// A place that keeps named objects durably: a bucket or a container, or what is behind a prefix in it. All members are thread-safe. They fail with
/// <see cref="StorageException"/>: <see cref="StorageFailure.DeadlinePassed"/> where a change was possibly made. Giving up by the token gives up waiting
/// and leaves open whether a change was made.
/// </summary>
public interface IObjectStore : IAsyncDisposable
{
    /// <summary>What it is, for an operator: without secrets.</summary>
    string Description { get; }

    /// <summary>The most that the store could do; whether the endpoint really does is found out by trying.</summary>
    ConditionalWrites Conditions { get; }

    /// <summary>True where a listing shows every change that was made before it; false where it may lag behind.</summary>
    bool ListsAtOnce { get; }

    /// <summary>Makes the connection and checks that the place is there.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Reads a small object; null where there is none. A store whose conditions are not atomic may also miss one that is just being replaced.</summary>
    ValueTask<StoredObject?> GetAsync(string name, CancellationToken cancellationToken);

    /// <summary>Reads octets of a large object into a buffer; fewer than fit only at its end. Null where there is no such object.</summary>
    ValueTask<int?> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Tells of an object; null where there is none.</summary>
    ValueTask<ObjectFacts?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Writes a small object, which is durable when the task ends. The result is its new tag, or null where the condition was not met and nothing was
    /// changed.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="bytes">Its octets, which must not change until the task has ended.</param>
    /// <param name="facts">What people should see beside it: names of letters and their values, kept as the object's metadata.</param>
    /// <param name="condition">Under what condition.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="NotSupportedException">The endpoint refuses conditions of that kind.</exception>
    ValueTask<string?> PutAsync(string name, ReadOnlyMemory<byte> bytes, IReadOnlyList<KeyValuePair<string, string>> facts, PutCondition condition, CancellationToken cancellationToken);

    /// <summary>Begins a large object; nothing is sent before there is enough of it.</summary>
    ObjectUpload BeginUpload(string name);

    /// <summary>Deletes objects; those that are not there are no error.</summary>
    ValueTask DeleteAsync(IReadOnlyList<string> names, CancellationToken cancellationToken);

    /// <summary>Deletes an object that may have come by an upload, with all its parts.</summary>
    ValueTask DeleteUploadAsync(string name, CancellationToken cancellationToken);

    /// <summary>Lists objects whose names begin with a text.</summary>
    /// <param name="prefix">What they begin with.</param>
    /// <param name="after">The name after which to go on; null to begin.</param>
    /// <param name="max">How many at most, up to 1,000.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask<ObjectPage> ListAsync(string prefix, string? after, int max, CancellationToken cancellationToken);
}
