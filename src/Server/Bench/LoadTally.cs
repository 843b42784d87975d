namespace SlimtaFast.Server.Bench;

/// <summary>What became of the messages of one connection, or of all. Not thread-safe; tallies are added up at the end.</summary>
internal sealed class LoadTally
{
    private readonly SortedDictionary<string, long> _errors = new(StringComparer.Ordinal);

    /// <summary>Messages answered with 250.</summary>
    public long Accepted { get; private set; }

    /// <summary>Messages refused or lost with their connection.</summary>
    public long Failed { get; private set; }

    /// <summary>Connections made.</summary>
    public long Connections { get; set; }

    /// <summary>From the intended or actual start of each accepted message to its 250.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>How often each kind of failure happened.</summary>
    public IReadOnlyDictionary<string, long> Errors => _errors;

    /// <summary>Counts an accepted message.</summary>
    public void Accept(TimeSpan latency)
    {
        Accepted++;
        Latency.Record(latency);
    }

    /// <summary>Counts a message that failed.</summary>
    public void Fail(string kind)
    {
        Failed++;
        _errors[kind] = _errors.GetValueOrDefault(kind) + 1;
    }

    /// <summary>Adds another tally.</summary>
    public void Add(LoadTally other)
    {
        Accepted += other.Accepted;
        Failed += other.Failed;
        Connections += other.Connections;
        Latency.Add(other.Latency);
        foreach ((string kind, long count) in other._errors)
            _errors[kind] = _errors.GetValueOrDefault(kind) + count;
    }
}
