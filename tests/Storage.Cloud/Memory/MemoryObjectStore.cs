namespace SlimtaFast.Storage.Cloud.Tests.Memory;

/// <summary>The contract of an object store, kept in memory, for the tests of what builds on it.</summary>
internal sealed class MemoryObjectStore(MemoryBucket bucket) : IObjectStore
{
    public string Description => "memory";

    public ConditionalWrites Conditions => bucket.Conditions;

    public bool ListsAtOnce => bucket.Unlisted is null;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask<StoredObject?> GetAsync(string name, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return bucket.Find("get", name) is { } found ? new StoredObject(found.Bytes, found.Tag) : null;
    }

    public async ValueTask<int?> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (bucket.Find("read", name) is not { } found)
            return null;
        int count = (int)Math.Clamp(found.Bytes.Length - offset, 0, buffer.Length);
        found.Bytes.AsMemory((int)Math.Min(offset, found.Bytes.Length), count).CopyTo(buffer);
        return count;
    }

    public async ValueTask<ObjectFacts?> FindAsync(string name, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return bucket.Find("find", name) is { } found ? new ObjectFacts(name, found.Bytes.Length, found.Tag, found.ModifiedAt) : null;
    }

    public async ValueTask<string?> PutAsync(string name, ReadOnlyMemory<byte> bytes, IReadOnlyList<KeyValuePair<string, string>> facts, PutCondition condition, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return bucket.Put(name, bytes.ToArray(), condition);
    }

    public ObjectUpload BeginUpload(string name) => new Upload(bucket, name);

    public async ValueTask DeleteAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        await Task.Yield();
        foreach (string name in names)
            bucket.Delete(name);
    }

    public ValueTask DeleteUploadAsync(string name, CancellationToken cancellationToken) => DeleteAsync([name], cancellationToken);

    public async ValueTask<ObjectPage> ListAsync(string prefix, string? after, int max, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return bucket.List(prefix, after, max);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Upload(MemoryBucket bucket, string name) : ObjectUpload
    {
        private readonly MemoryStream _bytes = new();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            _bytes.Write(bytes.Span);
            return ValueTask.CompletedTask;
        }

        public override ValueTask CompleteAsync(CancellationToken cancellationToken)
        {
            bucket.Put(name, _bytes.ToArray(), PutCondition.None);
            return ValueTask.CompletedTask;
        }

        protected override ValueTask DisposeCoreAsync() => _bytes.DisposeAsync();
    }
}
