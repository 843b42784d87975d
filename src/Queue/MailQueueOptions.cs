using SlimtaFast.Mail;

namespace SlimtaFast.Queue;

/// <summary>The settings of a <see cref="MailQueue"/>. Immutable; validated once, when the queue is made.</summary>
public sealed record MailQueueOptions
{
    /// <summary>This server's name in reports and added header fields. Default <c>localhost</c>.</summary>
    public string HostName { get; init; } = "localhost";

    /// <summary>Store, attempt nothing; what was stored is delivered once a queue without this runs on the same storage. Default false.</summary>
    public bool Hold { get; init; }

    /// <summary>When messages are tried again and given up.</summary>
    public RetrySchedule Retry { get; init; } = RetrySchedule.Default;

    /// <summary>Age at which a delay is reported to senders who asked for it (NOTIFY=DELAY), once. Default 4 hours.</summary>
    public TimeSpan DelayNotice { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Received fields from which on a message is refused as looping (RFC 5321 section 6.3). Default 50.</summary>
    public int MaxReceivedFields { get; init; } = 50;

    /// <summary>Attempts at once over all next hops. Default 1000.</summary>
    public int MaxAttempts { get; init; } = 1000;

    /// <summary>Attempts at once that a next hop gets before anything is known of it. Default 10.</summary>
    public int HopInitialAttempts { get; init; } = 10;

    /// <summary>Attempts at once that a next hop gets at most, however well it does. Default 100.</summary>
    public int HopMaxAttempts { get; init; } = 100;

    /// <summary>Items of one next hop that are read back from storage before their turn. Default 32.</summary>
    public int HopReadAhead { get; init; } = 32;

    /// <summary>How long a next hop that is down is left alone at first; doubled each time in a row, and jittered. Default 30 seconds.</summary>
    public TimeSpan HopRetryFirst { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a next hop that is down is left alone at most. Default 30 minutes.</summary>
    public TimeSpan HopRetryMost { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>New items that stay in memory until their first attempt; of others only the id is kept. Default 10,000.</summary>
    public int ResidentItems { get; init; } = 10_000;

    /// <summary>Octets that these items may hold in memory. Default 64 MiB.</summary>
    public long ResidentOctets { get; init; } = 64 * 1024 * 1024;

    /// <summary>Outcomes that may wait for the storage at once; beyond it no attempt starts. Default 1024.</summary>
    public int MaxUnrecorded { get; init; } = 1024;

    /// <summary>How long running attempts may go on when the queue is stopped, before they are cancelled. Default 10 seconds.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A failure report returns the header section only where the whole message is longer than this. Default 100 KiB.</summary>
    public int MaxReturnedOctets { get; init; } = 100 * 1024;

    /// <summary>Octets of header sections that policies may edit at once; a message beyond it is answered 452. Default 16 MiB.</summary>
    public long HeaderBudget { get; init; } = 16 * 1024 * 1024;

    /// <summary>Whom to tell of reports that could not be delivered; null to drop them with a log line. Default null.</summary>
    public Mailbox? DoubleBounceTo { get; init; }

    /// <summary>Attempts at items still queued that are remembered for an operator to see, over all items; 0 for none. Default 10,000.</summary>
    public int RememberedAttempts { get; init; } = 10_000;

    /// <summary>
    /// How long an item of a storage that processes share is leased: so long after a process dies another attempts what it had. Renewed while the process
    /// lives; an attempt that cannot be renewed ends a sixth of it before the lease does. Default 1 minute.
    /// </summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Items of a storage that processes share that this one has leased at once. Default 10,000.</summary>
    public int MaxLeased { get; init; } = 10_000;

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(HostName);
        ArgumentNullException.ThrowIfNull(Retry);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(DelayNotice, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxReceivedFields, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(HopInitialAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(HopMaxAttempts, HopInitialAttempts);
        ArgumentOutOfRangeException.ThrowIfLessThan(HopReadAhead, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HopRetryFirst, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(HopRetryMost, HopRetryFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(ResidentItems);
        ArgumentOutOfRangeException.ThrowIfNegative(ResidentOctets);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxUnrecorded, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(StopGrace, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxReturnedOctets);
        ArgumentOutOfRangeException.ThrowIfLessThan(HeaderBudget, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(RememberedAttempts);
        ArgumentOutOfRangeException.ThrowIfLessThan(LeaseTime, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxLeased, 1);
    }
}
