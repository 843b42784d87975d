namespace SlimtaFast.Storage.Cloud.Tests.Memory;

/// <summary>What in-memory object stores of several processes share, with faults on request. Thread-safe.</summary>
public sealed class MemoryBucket
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, (byte[] Bytes, string Tag, DateTimeOffset ModifiedAt)> _objects = new(StringComparer.Ordinal);
    private int _tags;

    /// <summary>What it makes of conditions.</summary>
    public ConditionalWrites Conditions { get; init; } = ConditionalWrites.Atomic;

    /// <summary>Its clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Asked before each change, with what it is (put or delete) and the object's name: throws where it should not be done.</summary>
    public Action<string, string>? Before { get; set; }

    /// <summary>Asked after each change: throws where it is done but its answer gets lost.</summary>
    public Action<string, string>? After { get; set; }

    /// <summary>Asked before each conditional write: true to refuse it although its condition is met, as where another of the same name is under way.</summary>
    public Func<string, bool>? Conflicts { get; set; }

    /// <summary>Makes the answer of a write, the tag, into what arrives of it; null for the tag itself.</summary>
    public Func<string, string?, string?>? Answers { get; set; }

    /// <summary>The objects that a listing does not show yet; null for a store whose listings never lag behind.</summary>
    public Func<string, bool>? Unlisted { get; set; }

    /// <summary>Told before each reading of an object, with what it is (get, read or find) and the object's name.</summary>
    public Action<string, string>? Asked { get; set; }

    /// <summary>Asked at each reading of an object, with what it is (get, read or find) and the object's name: true to find none, as where it is just being replaced.</summary>
    public Func<string, string, bool>? Misses { get; set; }

    /// <summary>The names of all objects.</summary>
    public string[] Names
    {
        get
        {
            lock (_gate)
                return [.. _objects.Keys];
        }
    }

    /// <summary>Another process's way to it.</summary>
    public IObjectStore Open() => new MemoryObjectStore(this);

    internal (byte[] Bytes, string Tag, DateTimeOffset ModifiedAt)? Find(string what, string name)
    {
        Asked?.Invoke(what, name);
        if (Misses?.Invoke(what, name) == true)
            return null;
        lock (_gate)
            return _objects.TryGetValue(name, out (byte[] Bytes, string Tag, DateTimeOffset ModifiedAt) found) ? found : null;
    }

    internal string? Put(string name, byte[] bytes, PutCondition condition)
    {
        Before?.Invoke("put", name);
        if (condition != PutCondition.None && Conflicts?.Invoke(name) == true)
            return null;
        string? tag = null;
        lock (_gate)
        {
            bool isThere = _objects.TryGetValue(name, out (byte[] Bytes, string Tag, DateTimeOffset ModifiedAt) found);
            bool refuses = condition.IsAbsent ? isThere && Conditions != ConditionalWrites.None : condition.Tag is not null && Conditions == ConditionalWrites.Atomic && (!isThere || found.Tag != condition.Tag);
            if (!refuses)
                _objects[name] = (bytes, tag = $"\"{++_tags}\"", Time.GetUtcNow());
        }

        After?.Invoke("put", name);
        return Answers is { } answers ? answers(name, tag) : tag;
    }

    internal void Delete(string name)
    {
        Before?.Invoke("delete", name);
        lock (_gate)
            _objects.Remove(name);
        After?.Invoke("delete", name);
    }

    internal ObjectPage List(string prefix, string? after, int max)
    {
        lock (_gate)
        {
            var found = new List<ObjectFacts>();
            foreach ((string name, (byte[] bytes, string tag, DateTimeOffset modified)) in _objects)
            {
                if (!name.StartsWith(prefix, StringComparison.Ordinal) || (after is not null && string.CompareOrdinal(name, after) <= 0))
                    continue;
                if (Unlisted?.Invoke(name) == true)
                    continue;
                if (found.Count == max)
                    return new ObjectPage(found, true);
                found.Add(new ObjectFacts(name, bytes.Length, tag, modified));
            }

            return new ObjectPage(found, false);
        }
    }
}
