namespace SlimtaFast.Mail;

/// <summary>
/// The memory that all contents of a server may take together. When it is spent, nobody waits for memory: a message that cannot get
/// more is moved to the queue's medium at once. Thread-safe.
/// </summary>
public sealed class ContentBudget
{
    private readonly long _limit;
    private long _used;

    /// <summary>Makes a budget of so many octets.</summary>
    public ContentBudget(long limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        _limit = limit;
    }

    /// <summary>Octets taken at present.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Octets that may be taken.</summary>
    public long Limit => _limit;

    /// <summary>Takes octets, or tells that there are not so many left.</summary>
    public bool TryTake(long octets)
    {
        if (Interlocked.Add(ref _used, octets) <= _limit)
            return true;
        Interlocked.Add(ref _used, -octets);
        return false;
    }

    /// <summary>Gives octets back.</summary>
    public void Return(long octets) => Interlocked.Add(ref _used, -octets);
}
