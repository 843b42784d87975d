using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Sharing;

/// <summary>A lease of this process, by its own clock. Its owner's lock covers it, but for <see cref="IsValid"/>.</summary>
internal sealed class HeldLease
{
    private readonly TimeProvider _time;
    private long _ends;
    private int _isLost;
    private bool _isReadToEnd;

    /// <summary>Takes a lease over that can be relied on until <paramref name="ends"/>.</summary>
    public HeldLease(QueueLease lease, long ends, TimeProvider time)
    {
        Lease = lease;
        _ends = ends;
        _time = time;
    }

    /// <summary>The item and the epoch.</summary>
    public QueueLease Lease { get; private set; }

    /// <summary>True where the item has its place in the scheduler's lists, or is on its way there.</summary>
    public bool HasPlace { get; set; }

    /// <summary>
    /// When the item is due where it is given back before anything was recorded: at once as a rule, and at its own time where it was claimed by its id.
    /// </summary>
    public DateTimeOffset DueAgain { get; init; } = DateTimeOffset.MinValue;

    /// <summary>The attempt that runs under it, or null.</summary>
    public CancellationTokenSource? Attempt { get; set; }

    /// <summary>True where the attempt that runs, or ran last, got the content to its end, so that it may be delivered. Thread-safe.</summary>
    public bool IsReadToEnd
    {
        get => Volatile.Read(ref _isReadToEnd);
        set => Volatile.Write(ref _isReadToEnd, value);
    }

    /// <summary>True where nobody else can have the item: asked before each step that cannot be taken back. Thread-safe.</summary>
    public bool IsValid => Volatile.Read(ref _isLost) == 0 && _time.GetTimestamp() < Volatile.Read(ref _ends);

    /// <summary>True where the storage said that it is somebody else's.</summary>
    public bool IsLost => Volatile.Read(ref _isLost) != 0;

    /// <summary>When it cannot be relied on any more, as a time stamp of the clock.</summary>
    public long Ends => Volatile.Read(ref _ends);

    /// <summary>Has it last longer.</summary>
    public void Renew(long ends) => Volatile.Write(ref _ends, ends);

    /// <summary>Gives it up: the item may be somebody else's. An attempt that runs is cancelled.</summary>
    public void Lose()
    {
        Volatile.Write(ref _isLost, 1);
        // Not here and now, in the middle of whatever the owner's lock covers.
        _ = Attempt?.CancelAsync();
    }

    /// <summary>Goes on under a later epoch, where the item came back before its place in the lists was given up.</summary>
    public void Adopt(QueueLease lease, long ends)
    {
        Lease = lease;
        Volatile.Write(ref _ends, ends);
        Volatile.Write(ref _isLost, 0);
    }
}
