using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Sharing;

/// <summary>
/// The leases of this process: one for each item that has a place in the scheduler's lists, also where it is lost meanwhile, until that place is given
/// up. Thread-safe.
/// </summary>
internal sealed class LeaseTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<QueueId, HeldLease> _leases = [];
    private readonly TimeProvider _time;
    private readonly long _reliable;

    /// <summary>Makes an empty table.</summary>
    public LeaseTable(LeaseTerms terms, TimeProvider time)
    {
        _time = time;
        _reliable = (long)((terms.Duration - terms.Margin).TotalSeconds * time.TimestampFrequency);
    }

    /// <summary>Leases held, lost ones included.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _leases.Count;
        }
    }

    /// <summary>The lease of an item, or null.</summary>
    public HeldLease? Find(QueueId id)
    {
        lock (_gate)
            return _leases.GetValueOrDefault(id);
    }

    /// <summary>Until when a lease can be relied on that was asked for at <paramref name="asked"/>, a time stamp of the clock.</summary>
    public long EndOf(long asked) => asked + _reliable;

    /// <summary>Takes over a lease of a new item.</summary>
    public void Add(QueueLease lease, long asked)
    {
        lock (_gate)
            _leases[lease.Id] = new HeldLease(lease, EndOf(asked), _time);
    }

    /// <summary>
    /// Takes over what was claimed. An item that is known already goes on in its place where nobody else had it meanwhile; else it has to be given back,
    /// because what is known here of its recipients is out of date, as where an attempt still runs.
    /// </summary>
    public ClaimVerdict Claim(QueueLease lease, long asked)
    {
        lock (_gate)
        {
            if (!_leases.TryGetValue(lease.Id, out HeldLease? known))
            {
                _leases.Add(lease.Id, new HeldLease(lease, EndOf(asked), _time) { HasPlace = true });
                return ClaimVerdict.New;
            }

            if (known.Attempt is not null || lease.Epoch != known.Lease.Epoch + 1)
            {
                known.Lose();
                return ClaimVerdict.InTheWay;
            }

            known.Adopt(lease, EndOf(asked));
            return ClaimVerdict.Known;
        }
    }

    /// <summary>
    /// Takes over an item that was claimed by its id. False where one of that id is known already, however that came: it has to be given back, and its earlier
    /// lease is somebody else's now.
    /// </summary>
    /// <param name="lease">The lease.</param>
    /// <param name="asked">When it was asked for, a time stamp of the clock.</param>
    /// <param name="due">The item's own due time.</param>
    public bool TryAdd(QueueLease lease, long asked, DateTimeOffset due)
    {
        lock (_gate)
        {
            if (_leases.TryAdd(lease.Id, new HeldLease(lease, EndOf(asked), _time) { HasPlace = true, DueAgain = due }))
                return true;
            if (_leases[lease.Id] is { } known && known.Lease.Epoch < lease.Epoch)
                known.Lose();
            return false;
        }
    }

    /// <summary>Begins an attempt under an item's lease; null where it cannot be relied on.</summary>
    public HeldLease? Begin(QueueId id, CancellationToken stop)
    {
        lock (_gate)
        {
            if (!_leases.TryGetValue(id, out HeldLease? lease) || !lease.IsValid)
                return null;
            lease.IsReadToEnd = false;
            lease.Attempt = CancellationTokenSource.CreateLinkedTokenSource(stop);
            return lease;
        }
    }

    /// <summary>Ends an attempt; the lease stays.</summary>
    public void End(HeldLease lease)
    {
        CancellationTokenSource? attempt;
        lock (_gate)
        {
            attempt = lease.Attempt;
            lease.Attempt = null;
        }

        // One that is being cancelled is still in use.
        if (attempt is { IsCancellationRequested: false })
            attempt.Dispose();
    }

    /// <summary>Forgets an item whose place is given up; null where it was not known.</summary>
    public HeldLease? Remove(QueueId id)
    {
        lock (_gate)
            return _leases.Remove(id, out HeldLease? lease) ? lease : null;
    }

    /// <summary>
    /// True where an item that was written under a lease is to get its place; else it gets none, and is forgotten where its lease cannot be relied on. One
    /// that was written without a lease may have been claimed here before its writer asks, and then has its place already.
    /// </summary>
    public bool Keep(QueueId id)
    {
        lock (_gate)
        {
            if (!_leases.TryGetValue(id, out HeldLease? lease) || lease.HasPlace)
                return false;
            if (lease.IsValid)
            {
                lease.HasPlace = true;
                return true;
            }

            _leases.Remove(id);
            return false;
        }
    }

    /// <summary>Gives up what cannot be relied on any more, and tells what is to be renewed.</summary>
    public List<HeldLease> Look()
    {
        var renew = new List<HeldLease>();
        lock (_gate)
        {
            foreach (HeldLease lease in _leases.Values)
            {
                if (lease.IsValid)
                    renew.Add(lease);
                else if (!lease.IsLost)
                    lease.Lose();
            }
        }

        return renew;
    }

    /// <summary>Has a lease last longer, unless it was given up meanwhile or is of another epoch by now.</summary>
    public void Renewed(HeldLease lease, long epoch, long asked)
    {
        lock (_gate)
        {
            if (lease.Lease.Epoch == epoch && !lease.IsLost)
                lease.Renew(EndOf(asked));
        }
    }

    /// <summary>Gives up what the storage gave to somebody else.</summary>
    public void Lost(QueueLease lost)
    {
        lock (_gate)
        {
            if (_leases.TryGetValue(lost.Id, out HeldLease? lease) && lease.Lease.Epoch == lost.Epoch)
                lease.Lose();
        }
    }

    /// <summary>Forgets everything that no attempt runs for, and tells what of it is still ours, to be given back.</summary>
    public List<LeaseRelease> TakeIdle()
    {
        var idle = new List<LeaseRelease>();
        lock (_gate)
        {
            foreach (HeldLease lease in _leases.Values)
            {
                if (lease.Attempt is null && !lease.IsLost)
                    idle.Add(new LeaseRelease(lease.Lease, lease.DueAgain));
            }

            foreach (LeaseRelease release in idle)
                _leases.Remove(release.Lease.Id);
        }

        return idle;
    }
}
