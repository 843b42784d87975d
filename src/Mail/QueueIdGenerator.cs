using System.Security.Cryptography;

namespace SlimtaFast.Mail;

/// <summary>
/// Makes <see cref="QueueId"/>s: UUID version 7 with a millisecond clock, a counter within the millisecond (RFC 9562 section 6.2,
/// method 1) and 48 random bits per process. Ids of one generator are strictly increasing, even when the clock steps back.
/// Thread-safe.
/// </summary>
public sealed class QueueIdGenerator
{
    private const ulong NodeBits = 0xFFFF_FFFF_FFFF;

    private readonly TimeProvider _time;
    private readonly ulong _node;
    private long _last;

    /// <summary>Starts a generator on a clock, with random bits from the system.</summary>
    public QueueIdGenerator(TimeProvider time)
        : this(time, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)))
    {
    }

    /// <summary>Starts a generator on a clock with given random bits, of which the low 48 count; for tests.</summary>
    public QueueIdGenerator(TimeProvider time, ulong random)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _node = random & NodeBits;
    }

    /// <summary>True for ids that the same generator made, and hardly ever for others.</summary>
    public static bool AreOfOne(QueueId left, QueueId right) => ((left.Value ^ right.Value) & NodeBits) == 0;

    /// <summary>Makes the next id.</summary>
    public QueueId Next()
    {
        // One 64-bit word holds milliseconds and a 20-bit counter, so that one exchange makes the pair unique and increasing.
        long now = _time.GetUtcNow().ToUnixTimeMilliseconds() << 20;
        long seen, next;
        do
        {
            seen = Volatile.Read(ref _last);
            next = Math.Max(now, seen + 1);
        }
        while (Interlocked.CompareExchange(ref _last, next, seen) != seen);

        ulong milliseconds = (ulong)next >> 20;
        ulong counter = (ulong)next & 0xF_FFFF;
        ulong upper = (milliseconds << 16) | 0x7000 | (counter >> 8);
        ulong lower = 0x8000_0000_0000_0000 | ((counter & 0xFF) << 54) | _node;
        return new QueueId(new UInt128(upper, lower));
    }
}
