using SlimtaFast.Storage.Cloud.Exclusive;
using SlimtaFast.Storage.Cloud.Tests.Memory;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>What an endpoint makes of conditions is found out by trying.</summary>
public sealed class ConditionProbeTests
{
    [Theory]
    [InlineData(ConditionalWrites.None)]
    [InlineData(ConditionalWrites.CreateOnly)]
    [InlineData(ConditionalWrites.Atomic)]
    public async Task Endpoint_is_known_by_what_it_does(ConditionalWrites conditions)
    {
        var bucket = new MemoryBucket { Conditions = conditions };
        Assert.Equal(conditions, await ConditionProbe.RunAsync(new CapableStore(bucket.Open()), "a", CancellationToken.None));
        Assert.Empty(bucket.Names);
    }

    [Fact]
    public async Task Answer_that_got_lost_makes_no_sole_writer_of_a_process_that_others_work_beside()
    {
        var bucket = new MemoryBucket();
        int conflicts = 1;
        bucket.Conflicts = _ => Interlocked.Decrement(ref conflicts) >= 0;
        Assert.Equal(ConditionalWrites.Atomic, await ConditionProbe.RunAsync(bucket.Open(), "a", CancellationToken.None));
        Assert.Empty(bucket.Names);
    }

    /// <summary>A store whose protocol has all conditions, whatever the endpoint makes of them.</summary>
    private sealed class CapableStore(IObjectStore store) : IObjectStore
    {
        public string Description => store.Description;

        public ConditionalWrites Conditions => ConditionalWrites.Atomic;

        public bool ListsAtOnce => store.ListsAtOnce;

        public Task StartAsync(CancellationToken cancellationToken) => store.StartAsync(cancellationToken);

        public ValueTask<StoredObject?> GetAsync(string name, CancellationToken cancellationToken) => store.GetAsync(name, cancellationToken);

        public ValueTask<int?> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancellationToken) => store.ReadAsync(name, offset, buffer, cancellationToken);

        public ValueTask<ObjectFacts?> FindAsync(string name, CancellationToken cancellationToken) => store.FindAsync(name, cancellationToken);

        public ValueTask<string?> PutAsync(string name, ReadOnlyMemory<byte> bytes, IReadOnlyList<KeyValuePair<string, string>> facts, PutCondition condition, CancellationToken cancellationToken) =>
            store.PutAsync(name, bytes, facts, condition, cancellationToken);

        public ObjectUpload BeginUpload(string name) => store.BeginUpload(name);

        public ValueTask DeleteAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) => store.DeleteAsync(names, cancellationToken);

        public ValueTask DeleteUploadAsync(string name, CancellationToken cancellationToken) => store.DeleteUploadAsync(name, cancellationToken);

        public ValueTask<ObjectPage> ListAsync(string prefix, string? after, int max, CancellationToken cancellationToken) => store.ListAsync(prefix, after, max, cancellationToken);

        public ValueTask DisposeAsync() => store.DisposeAsync();
    }
}
