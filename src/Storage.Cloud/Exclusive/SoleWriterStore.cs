using System.Collections.Concurrent;

namespace SlimtaFast.Storage.Cloud.Exclusive;

/// <summary>
/// Makes up for what an endpoint lacks: conditions are checked here before a write, one after another for each name, which does because no other
/// process writes. Once the place of the only writer is lost it writes nothing any more. Thread-safe.
/// </summary>
internal sealed class SoleWriterStore : IObjectStore
{
    private const int Stripes = 256;
    private const int MostTags = 100_000;
    private const int MostTries = 5;

    // Being replaced, or perhaps replaced where that failed: it is there, but with which tag only the store knows.
    private const string Unknown = "";

    private readonly IObjectStore _objects;
    private readonly WriterPlace _place;
    private readonly bool _refusesToCreate;

    // The tags of objects as they were written here last: nobody else writes them.
    private readonly ConcurrentDictionary<string, string> _tags = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim[] _stripes = [.. Enumerable.Range(0, Stripes).Select(static _ => new SemaphoreSlim(1))];

    /// <summary>Writes to a store while a place is held; both are disposed with it.</summary>
    /// <param name="objects">The store.</param>
    /// <param name="place">The place.</param>
    /// <param name="found">What the store makes of conditions by itself.</param>
    public SoleWriterStore(IObjectStore objects, WriterPlace place, ConditionalWrites found)
    {
        _objects = objects;
        _place = place;
        _refusesToCreate = found != ConditionalWrites.None;
    }

    /// <inheritdoc/>
    public string Description => _objects.Description;

    /// <inheritdoc/>
    public ConditionalWrites Conditions => ConditionalWrites.Atomic;

    /// <inheritdoc/>
    public bool ListsAtOnce => _objects.ListsAtOnce;

    /// <summary>Why nothing can be written; null where all is well.</summary>
    public string? Problem => _place.IsHeld ? null : "Another process took the place of the only writer.";

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask<StoredObject?> GetAsync(string name, CancellationToken cancellationToken)
    {
        // A server that keeps each version in a file of its own, as Swift's does, looks for the newest and then opens it; where that one was replaced in
        // between it says that there is no such object. What was written here is there until it is deleted here.
        for (int tries = 1; ; tries++)
        {
            StoredObject? found = await _objects.GetAsync(name, cancellationToken).ConfigureAwait(false);
            if (found is not null || tries == MostTries || !_tags.ContainsKey(name))
                return found;
        }
    }

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
            string? tag;
            if (condition.IsAbsent && _refusesToCreate)
            {
                // The wait for the lock, and the question below, may have taken long.
                _place.ThrowIfLost();
                tag = await _objects.PutAsync(name, bytes, facts, condition, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                if (!_tags.TryGetValue(name, out string? present) || present == Unknown)
                    present = (await _objects.FindAsync(name, cancellationToken).ConfigureAwait(false))?.Tag;
                if (condition.IsAbsent ? present is not null : present != condition.Tag)
                    return null;

                _place.ThrowIfLost();
                if (present is not null)
                    _tags[name] = Unknown;
                tag = await _objects.PutAsync(name, bytes, facts, PutCondition.None, cancellationToken).ConfigureAwait(false);
            }

            if (_tags.Count >= MostTags)
                ForgetTags();
            if (tag is not null)
                _tags[name] = tag;
            return tag;
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
    public async ValueTask DeleteAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(names);

        // Under the names' locks, so that no write in between notes a tag of what is then deleted.
        foreach (string name in names)
        {
            SemaphoreSlim stripe = _stripes[(uint)name.GetHashCode(StringComparison.Ordinal) % Stripes];
            await stripe.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                _tags.TryRemove(name, out _);
                _place.ThrowIfLost();
                await _objects.DeleteAsync([name], cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                stripe.Release();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteUploadAsync(string name, CancellationToken cancellationToken)
    {
        _place.ThrowIfLost();
        await _objects.DeleteUploadAsync(name, cancellationToken).ConfigureAwait(false);
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

    // But for what is being replaced.
    private void ForgetTags()
    {
        foreach (KeyValuePair<string, string> known in _tags)
        {
            if (known.Value != Unknown)
                _tags.TryRemove(known);
        }
    }
}
