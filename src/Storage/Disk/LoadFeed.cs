using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk;

/// <summary>
/// What the scan of the spool finds, in the order of ids but for a few that go ahead of the others, for those who load meanwhile. It keeps
/// nothing but those few itself: a reader holds the place where it is, and what all have read is free. Thread-safe.
/// </summary>
internal sealed class LoadFeed
{
    private readonly Lock _gate = new();
    private Place _end = new();
    private bool _any;
    private QueueId[] _ahead = [];

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

    /// <summary>What went ahead of its turn, for those who come later, while the scan goes on.</summary>
    public IReadOnlyList<QueueId> Ahead
    {
        get
        {
            lock (_gate)
                return _end.IsLast ? [] : _ahead;
        }
    }

    /// <summary>Adds what was found; later than all before.</summary>
    public void Add(QueueId[] found)
    {
        if (found.Length > 0)
            Append(new Found(found, IsAhead: false));
    }

    /// <summary>Adds what was found out of its turn; it must not be added again.</summary>
    public void AddAhead(QueueId[] found)
    {
        lock (_gate)
            _ahead = found;
        if (found.Length > 0)
            Append(new Found(found, IsAhead: true));
    }

    /// <summary>Nothing more comes.</summary>
    public void Complete() => Append(new Found([], IsAhead: false));

    private void Append(Found found)
    {
        Place before;
        lock (_gate)
        {
            before = _end;
            if (before.IsLast)
                return;
            _end = new Place { IsLast = found.Ids.Length == 0 };
            _any |= found.Ids.Length > 0;
        }

        before.Fill(found, _end);
    }

    /// <summary>What was found at once.</summary>
    /// <param name="Ids">The items, in order.</param>
    /// <param name="IsAhead">True where older ones may still come.</param>
    internal readonly record struct Found(QueueId[] Ids, bool IsAhead);

    /// <summary>A place in the feed, to read on from.</summary>
    internal sealed class Place
    {
        private readonly TaskCompletionSource<(Found Found, Place Next)> _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>True at the end of a complete feed.</summary>
        public bool IsLast { get; init; }

        /// <summary>What was found next, and the place behind it; nothing, at the end. Waits until there is something.</summary>
        public Task<(Found Found, Place Next)> ReadAsync(CancellationToken cancellationToken) =>
            IsLast ? Task.FromResult((new Found([], IsAhead: false), this)) : _filled.Task.WaitAsync(cancellationToken);

        /// <summary>Tells those who wait here.</summary>
        internal void Fill(Found found, Place next) => _filled.SetResult((found, next));
    }
}
