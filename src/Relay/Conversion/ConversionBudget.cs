namespace SlimtaFast.Relay.Conversion;

/// <summary>
/// Octets of messages that may be converted, or held converted, at once. Nobody waits for them: a delivery that gets none is tried again
/// later, and holds up neither its session nor others. Thread-safe.
/// </summary>
internal sealed class ConversionBudget
{
    private readonly long _most;
    private long _taken;

    /// <summary>A budget of which nothing is taken.</summary>
    public ConversionBudget(long most)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        _most = most;
    }

    /// <summary>
    /// Takes what a message of this length needs, which is given back by <see cref="Return"/>; false where too much is taken already.
    /// One larger than the whole budget takes all of it, and so is converted alone.
    /// </summary>
    public bool TryTake(long length, out long taken)
    {
        taken = Math.Min(length, _most);
        long seen = Volatile.Read(ref _taken);
        while (seen <= _most - taken)
        {
            long before = Interlocked.CompareExchange(ref _taken, seen + taken, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        taken = 0;
        return false;
    }

    /// <summary>Gives back what was taken.</summary>
    public void Return(long taken) => Interlocked.Add(ref _taken, -taken);
}
