using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk;

/// <summary>
/// What the scan of the spool finds, in the order of ids, for those who load meanwhile. It keeps nothing itself: a reader holds the place
/// where it is, and what all have read is free. Thread-safe.
/// </summary>
internal sealed class LoadFeed
{
    private readonly Lock _gate = new();
    private Place _end = new();
    private bool _any;

    /// <summary>True once something was found.</summary>
    public bool HasAny => Volatile.Read(ref _any);

    /// <summary>The place behind everything found so far.</summary>
    public Place End
    {
        get
        {
            lock (_gate)
                return _end;
        }
    }

    /// <summary>Adds what was found; later than all before.</summary>
    public void Add(QueueId[] found)
    {
        if (found.Length > 0)
            Append(found);
    }

    /// <summary>Nothing more comes.</summary>
    public void Complete() => Append([]);

    private void Append(QueueId[] found)
    {
        Place before;
        lock (_gate)
        {
            before = _end;
            if (before.IsLast)
                return;
            _end = new Place { IsLast = found.Length == 0 };
            _any |= found.Length > 0;
        }

        before.Fill(found, _end);
    }

    /// <summary>A place in the feed, to read on from.</summary>
    internal sealed class Place
    {
        private readonly TaskCompletionSource<(QueueId[] Found, Place Next)> _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>True at the end of a complete feed.</summary>
        public bool IsLast { get; init; }

        /// <summary>What was found next, and the place behind it; nothing, at the end. Waits until there is something.</summary>
        public Task<(QueueId[] Found, Place Next)> ReadAsync(CancellationToken cancellationToken) =>
            IsLast ? Task.FromResult<(QueueId[], Place)>(([], this)) : _filled.Task.WaitAsync(cancellationToken);

        /// <summary>Tells those who wait here.</summary>
        internal void Fill(QueueId[] found, Place next) => _filled.SetResult((found, next));
    }
}
