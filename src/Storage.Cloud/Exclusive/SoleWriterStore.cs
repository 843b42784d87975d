namespace SlimtaFast.Storage.Cloud.Exclusive;

/// <summary>
/// Makes up for what an endpoint lacks: conditions are checked here before a write, one after another for each name, which does because no other
/// process writes. Once the place of the only writer is lost it writes nothing any more. Thread-safe.
/// </summary>
internal sealed class SoleWriterStore : IObjectStore
{
    private const int Stripes = 256;

    private readonly IObjectStore _objects;
    private readonly WriterPlace _place;
    private readonly SemaphoreSlim[] _stripes = [.. Enumerable.Range(0, Stripes).Select(static _ => new SemaphoreSlim(1))];

    /// <summary>Writes to a store while a place is held; both are disposed with it.</summary>
    public SoleWriterStore(IObjectStore objects, WriterPlace place)
    {
        _objects = objects;
        _place = place;
    }

    /// <inheritdoc/>
    public string Description => _objects.Description;

    /// <inheritdoc/>
    public ConditionalWrites Conditions => ConditionalWrites.Atomic;

    /// <summary>Why nothing can be written; null where all is well.</summary>
    public string? Problem => _place.IsHeld ? null : "Another process took the place of the only writer.";

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<StoredObject?> GetAsync(string name, CancellationToken cancellationToken) => _objects.GetAsync(name, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int?> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancellationToken) => _objects.ReadAsync(name, offset, buffer, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ObjectFacts?> FindAsync(string name, CancellationToken cancellationToken) => _objects.FindAsync(name, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<string?> PutAsync(string name, ReadOnlyMemory<byte> bytes, IReadOnlyList<KeyValuePair<string, string>> facts, PutCondition condition, CancellationToken cancellationToken)
    {
        _place.ThrowIfLost();
        if (condition == PutCondition.None)
            return await _objects.PutAsync(name, bytes, facts, condition, cancellationToken).ConfigureAwait(false);
        SemaphoreSlim stripe = _stripes[(uint)name.GetHashCode(StringComparison.Ordinal) % Stripes];
        await stripe.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectFacts? found = await _objects.FindAsync(name, cancellationToken).ConfigureAwait(false);
            if (condition.IsAbsent ? found is not null : found?.Tag != condition.Tag)
                return null;
            return await _objects.PutAsync(name, bytes, facts, PutCondition.None, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            stripe.Release();
        }
    }

    /// <inheritdoc/>
    public ObjectUpload BeginUpload(string name)
    {
        _place.ThrowIfLost();
        return _objects.BeginUpload(name);
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        _place.ThrowIfLost();
        return _objects.DeleteAsync(names, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DeleteUploadAsync(string name, CancellationToken cancellationToken)
    {
        _place.ThrowIfLost();
        return _objects.DeleteUploadAsync(name, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<ObjectPage> ListAsync(string prefix, string? after, int max, CancellationToken cancellationToken) => _objects.ListAsync(prefix, after, max, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _place.DisposeAsync().ConfigureAwait(false);
        await _objects.DisposeAsync().ConfigureAwait(false);
        foreach (SemaphoreSlim stripe in _stripes)
            stripe.Dispose();
    }
}
