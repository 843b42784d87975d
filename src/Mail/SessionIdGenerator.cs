namespace SlimtaFast.Mail;

/// <summary>
/// Makes <see cref="SessionId"/>s that count up from the time of its own making, so that those of a process are not those of the one before it:
/// it would have to make a million a millisecond for all of its life. Thread-safe.
/// </summary>
public sealed class SessionIdGenerator
{
    private long _last;

    /// <summary>Starts a generator on a clock.</summary>
    public SessionIdGenerator(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _last = time.GetUtcNow().ToUnixTimeMilliseconds() << 20;
    }

    /// <summary>Makes the next id.</summary>
    public SessionId Next() => new((ulong)Interlocked.Increment(ref _last));
}
