using SlimtaFast.Mail;
using SlimtaFast.Queue.Scheduling;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Sharing;

/// <summary>
/// A shared storage as the queue of one process uses it: it keeps the leases of the items that the queue has to do with, renews them, and records
/// outcomes under them. Thread-safe.
/// </summary>
internal sealed class LeasedStorage : IQueueStorage
{
    private const int RenewAtOnce = 500;

    private readonly ISharedQueueStorage _storage;
    private readonly LeaseTerms _terms;
    private readonly LeaseTable _leases;
    private readonly QueueEnvironment _environment;
    private readonly bool _hold;
    private readonly Outage _outage;
    private readonly ITimer _look;
    private readonly CancellationTokenSource _stop = new();
    private Action? _roomAgain;
    private long _renewed;
    private int _renewing;
    private bool _renewAgain;
    private int _waitsForRoom;

    /// <summary>Holds no leases yet.</summary>
    /// <param name="storage">The storage, which stays the caller's.</param>
    /// <param name="terms">How long leases last, and how many there are at most.</param>
    /// <param name="hold">True where nothing is attempted, so that nothing is leased.</param>
    /// <param name="environment">Clock and log.</param>
    public LeasedStorage(ISharedQueueStorage storage, LeaseTerms terms, bool hold, QueueEnvironment environment)
    {
        _storage = storage;
        _terms = terms;
        _hold = hold;
        _environment = environment;
        _leases = new LeaseTable(terms, environment.Time);
        _outage = new Outage(environment.Time);
        _renewed = environment.Time.GetTimestamp();
        _look = environment.Time.CreateTimer(static storage => ((LeasedStorage)storage!).Look(), this, terms.LookEvery, terms.LookEvery);
    }

    /// <summary>Told when something that this process gave back is due.</summary>
    public Action<DateTimeOffset>? NoteDue { get; set; }

    /// <summary>Whether one item can be claimed by its id.</summary>
    public bool ClaimsById => _storage.ClaimsById;

    /// <summary>Whether items can be listed that other processes have, or none.</summary>
    public bool ListsAll => _storage.ListsAll;

    /// <summary>True where this process attempts items, and has room for more.</summary>
    public bool TakesMore => !_hold && Room > 0;

    /// <summary>How often leases are renewed, where there are any.</summary>
    public TimeSpan RenewEvery => _terms.RenewEvery;

    /// <summary>How many more items may be leased.</summary>
    public int Room => Math.Max(0, _terms.Most - _leases.Count);

    /// <summary>True where there is room enough for claiming to be worth while.</summary>
    public bool HasRoom => Room >= Math.Max(1, _terms.Most / 4);

    /// <summary>Has <paramref name="again"/> called once when a quarter of all leases is free again.</summary>
    public void WaitForRoom(Action again)
    {
        _roomAgain = again;
        Volatile.Write(ref _waitsForRoom, 1);
        TellRoom();
    }

    /// <summary>True where the item is this process's.</summary>
    public bool IsHeld(QueueId id) => _leases.Find(id) is { IsValid: true };

    /// <summary>True where an item that was written here is this process's and gets a place in the lists, which it gets once.</summary>
    public bool Keep(QueueId id)
    {
        if (_leases.Keep(id))
            return true;
        TellRoom();
        return false;
    }

    /// <summary>Begins an attempt; null where the item may be somebody else's.</summary>
    public HeldLease? BeginAttempt(QueueId id, CancellationToken stop) => _leases.Begin(id, stop);

    /// <summary>Ends an attempt.</summary>
    public void EndAttempt(HeldLease lease) => _leases.End(lease);

    /// <summary>Forgets an item whose place in the lists is given up; its lease ends by itself where it is still valid.</summary>
    public void Forget(QueueId id)
    {
        _leases.Remove(id);
        TellRoom();
    }

    /// <summary>Has notices of the storage passed on.</summary>
    public IDisposable Watch(Action notice) => _storage.Watch(notice);

    /// <summary>
    /// Ends when the storage takes changes, which is at once where it was not away. True where it was away for so long that leases may have ended meanwhile, of
    /// items whose outcomes their holders could not record.
    /// </summary>
    /// <exception cref="StorageException">It does not take any.</exception>
    public async ValueTask<bool> ComeBackAsync(CancellationToken cancellationToken)
    {
        if (_outage.IsAway)
        {
            await _storage.PingAsync(cancellationToken).ConfigureAwait(false);
            _outage.Answered();
        }

        return _outage.TakeLength() >= _terms.Duration - _terms.RenewEvery - (2 * _terms.LookEvery);
    }

    /// <summary>
    /// Claims what is due; only items that are new here are in the result. Not to be cancelled: what the storage hands out then would be nobody's until
    /// the leases end.
    /// </summary>
    public async Task<ClaimResult> ClaimAsync(int max)
    {
        long asked = _environment.Time.GetTimestamp();
        ClaimResult result;
        try
        {
            result = await _storage.ClaimDueAsync(max, _terms.Duration, CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            _outage.Failed();
            throw;
        }

        _outage.Answered();
        List<ClaimedItem>? kept = null;
        List<LeaseRelease>? back = null;
        for (int i = 0; i < result.Items.Count; i++)
        {
            ClaimedItem item = result.Items[i];
            ClaimVerdict verdict = _leases.Claim(item.Lease, asked);
            if (verdict != ClaimVerdict.New && kept is null)
                kept = [.. result.Items.Take(i)];
            if (verdict == ClaimVerdict.New)
                kept?.Add(item);
            else if (verdict == ClaimVerdict.InTheWay)
                (back ??= []).Add(new LeaseRelease(item.Lease, _environment.Time.GetUtcNow() + _terms.Margin));
        }

        // What is new has its lease by now, and must get its place whatever becomes of this.
        if (back is not null)
            await TryReleaseAsync(back).ConfigureAwait(false);
        return kept is null ? result : result with { Items = kept };
    }

    /// <summary>
    /// Claims an item that has no place here, whether it is due or not. Not to be cancelled, for the reason that <see cref="ClaimAsync(int)"/> has.
    /// </summary>
    /// <exception cref="StorageException">The storage does not answer.</exception>
    public async Task<(IdClaim Result, QueueEntry Entry)> ClaimAsync(QueueId id)
    {
        if (_leases.Find(id) is not null)
            return (IdClaim.Known, default);
        long asked = _environment.Time.GetTimestamp();
        if (await _storage.ClaimAsync(id, _terms.Duration, CancellationToken.None) is not { } item)
            return (_leases.Find(id) is null ? IdClaim.None : IdClaim.Known, default);
        if (_leases.TryAdd(item.Lease, asked, item.Entry.DueAt))
            return (IdClaim.Claimed, item.Entry);

        // It came here another way meanwhile.
        await TryReleaseAsync([new LeaseRelease(item.Lease, item.Entry.DueAt)]);
        return (IdClaim.Known, default);
    }

    /// <summary>Lists items, whoever has them.</summary>
    public ValueTask<QueueEntryPage> ListAsync(bool onlyHeld, string? cursor, int max, CancellationToken cancellationToken) => _storage.ListAsync(onlyHeld, cursor, max, cancellationToken);

    /// <summary>Gives items back that wait for something else than this process; where that fails their leases end by themselves.</summary>
    public async Task ReleaseAsync(IReadOnlyList<DueAgain> items)
    {
        var releases = new List<LeaseRelease>(items.Count);
        foreach (DueAgain item in items)
        {
            if (_leases.Remove(item.Id) is { IsLost: false } lease)
                releases.Add(new LeaseRelease(lease.Lease, item.DueAt));
        }

        TellRoom();
        await TryReleaseAsync(releases).ConfigureAwait(false);
        foreach (LeaseRelease release in releases)
            NoteDue?.Invoke(release.DueAt);
    }

    /// <summary>Gives everything back that no attempt runs for.</summary>
    public Task ReleaseAllAsync() => TryReleaseAsync(_leases.TakeIdle());

    /// <summary>Records an outcome; false where the item is somebody else's, who will find out for himself. Either way the lease is gone.</summary>
    /// <param name="id">The item.</param>
    /// <param name="state">Its next state.</param>
    /// <param name="reports">The reports of the same commit.</param>
    /// <param name="isRepeated">True where it was tried before, and may have been recorded then.</param>
    /// <param name="cancellationToken">Gives up waiting, not the commit.</param>
    /// <exception cref="StorageException">Nothing is known: it has to be tried again.</exception>
    public async ValueTask<bool> RecordAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> reports, bool isRepeated, CancellationToken cancellationToken)
    {
        if (_leases.Find(id) is not { } held)
            return false;
        long asked = _environment.Time.GetTimestamp();
        QueueLease lease = held.Lease;

        // Who attempts nothing leaves the reports to others. So does who repeats: had it been recorded, they would be others' by now, or even delivered.
        bool leases = _storage.LeasesNewItems && !_hold && !isRepeated;
        bool isRecorded = await _storage.UpdateAsync(lease, state, reports, _hold || isRepeated ? TimeSpan.Zero : _terms.Duration, cancellationToken);
        HeldLease? gone = _leases.Remove(id);
        TellRoom();

        // What is due at once may have been claimed here again before this went on. Its place in the lists is given up now, so that it has to be claimed anew.
        if (gone is { IsLost: false } && gone.Lease.Epoch != lease.Epoch)
            await TryReleaseAsync([new LeaseRelease(gone.Lease, DateTimeOffset.MinValue)]);
        for (int i = 0; isRecorded && leases && i < reports.Count; i++)
            _leases.Add(new QueueLease(reports[i].Envelope.Id, QueueLease.First), asked);
        if (isRecorded && isRepeated && reports.Count > 0)
            NoteDue?.Invoke(reports[0].State.DueAt);
        if (isRecorded && !state.IsClosed)
            NoteDue?.Invoke(state.DueAt);
        return isRecorded;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => throw new NotSupportedException("The storage is started by whoever owns it.");

    /// <inheritdoc/>
    public ContentWriter BeginContent(QueueId id, long? sizeHint) => _storage.BeginContent(id, sizeHint);

    /// <summary>Writes items, and leases them where this process can attempt them now.</summary>
    public async ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken)
    {
        if (_hold || !_storage.LeasesNewItems || items[0].State.DueAt > _environment.Time.GetUtcNow() || Room < items.Count)
        {
            await _storage.WriteAsync(items, cancellationToken);
            NoteDue?.Invoke(items[0].State.DueAt);
            return;
        }

        long asked = _environment.Time.GetTimestamp();
        await _storage.WriteAsync(items, _terms.Duration, cancellationToken);
        for (int i = 0; i < items.Count; i++)
            _leases.Add(new QueueLease(items[i].Envelope.Id, QueueLease.First), asked);
    }

    /// <inheritdoc/>
    public ValueTask UpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken) =>
        _storage.UpdateAsync(id, state, bounces, cancellationToken);

    /// <inheritdoc/>
    public ValueTask RemoveAsync(QueueId id, CancellationToken cancellationToken) => _storage.RemoveAsync(id, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<QueueItem?> ReadAsync(QueueId id, CancellationToken cancellationToken) => _storage.ReadAsync(id, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<QueueEntry> LoadAsync(CancellationToken cancellationToken) => _storage.LoadAsync(cancellationToken);

    /// <inheritdoc/>
    public StorageInfo GetInfo() => _storage.GetInfo();

    /// <summary>Stops renewing; the storage stays the caller's.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _look.DisposeAsync();
        _stop.Dispose();
    }

    private void TellRoom()
    {
        if (Volatile.Read(ref _waitsForRoom) == 1 && HasRoom && Interlocked.Exchange(ref _waitsForRoom, 0) == 1)
            _roomAgain!();
    }

    private void Look()
    {
        List<HeldLease> valid = _leases.Look();
        bool isTime = Volatile.Read(ref _renewAgain) || _environment.Time.GetElapsedTime(Volatile.Read(ref _renewed)) >= _terms.RenewEvery - (_terms.LookEvery / 2);
        if (valid.Count == 0 || !isTime)
            return;
        if (Interlocked.Exchange(ref _renewing, 1) == 0)
            _ = RenewAsync(valid);
    }

    private async Task RenewAsync(List<HeldLease> leases)
    {
        bool isWhole = true;
        try
        {
            Volatile.Write(ref _renewed, _environment.Time.GetTimestamp());
            foreach (HeldLease[] some in leases.Chunk(RenewAtOnce))
            {
                QueueLease[] renewed = [.. some.Select(static lease => lease.Lease)];
                long asked = _environment.Time.GetTimestamp();
                RenewResult result = await _storage.RenewAsync(renewed, _terms.Duration, _stop.Token).ConfigureAwait(false);
                HashSet<QueueLease> gone = [.. result.Lost], unknown = [.. result.Unknown];
                if (result.Failure is { } failure)
                {
                    isWhole = false;
                    QueueLog.RenewingFailed(_environment.Logger, unknown.Count, failure);
                }

                for (int i = 0; i < some.Length; i++)
                {
                    if (!gone.Contains(renewed[i]) && !unknown.Contains(renewed[i]))
                        _leases.Renewed(some[i], renewed[i].Epoch, asked);
                }

                foreach (QueueLease lease in gone)
                    _leases.Lost(lease);
            }

            _outage.Answered();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // What could not be renewed in time is given up.
            isWhole = false;
            _outage.Failed();
            if (!_stop.IsCancellationRequested)
                QueueLog.RenewingFailed(_environment.Logger, leases.Count, e);
        }
        finally
        {
            // Tried again at the next look.
            Volatile.Write(ref _renewAgain, !isWhole);
            Volatile.Write(ref _renewing, 0);
        }
    }

    private async Task TryReleaseAsync(List<LeaseRelease> releases)
    {
        try
        {
            foreach (LeaseRelease[] some in releases.Chunk(RenewAtOnce))
                await _storage.ReleaseAsync(some, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            QueueLog.ReleasingFailed(_environment.Logger, releases.Count, e);
        }
    }
}
