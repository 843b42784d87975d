using System.Collections.Concurrent;
using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Intake;

/// <summary>
/// Takes away what may have been stored although its client was told that it was not, and sends it again. A storage of one process is asked once. One that is
/// shared may have it, and others would deliver it: it is asked until it answers, for a few at a time however many wait. Thread-safe.
/// </summary>
internal sealed class Withdrawals
{
    private const int AtOnce = 16;

    // Some tens of megabytes. What comes on top of it in one outage is tried once.
    private const int MostWaiting = 1_000_000;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private readonly IQueueStorage _storage;
    private readonly bool _isShared;
    private readonly TimeSpan _mostPause;
    private readonly QueueEnvironment _environment;
    private readonly CancellationToken _stop;
    private readonly ConcurrentQueue<QueueId> _waiting = new();
    private int _isTrying;

    /// <summary>Withdraws from a storage.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="isShared">True where it is asked until it answers.</param>
    /// <param name="mostPause">The longest pause between two tries.</param>
    /// <param name="environment">Clock, randomness and log.</param>
    /// <param name="stop">Ends all tries.</param>
    public Withdrawals(IQueueStorage storage, bool isShared, TimeSpan mostPause, QueueEnvironment environment, CancellationToken stop)
    {
        _storage = storage;
        _isShared = isShared;
        _mostPause = mostPause;
        _environment = environment;
        _stop = stop;
    }

    /// <summary>Withdraws items; returns before that is done.</summary>
    public void Begin(IEnumerable<QueueId> ids) => _ = BeginAsync([.. ids]);

    private async Task BeginAsync(QueueId[] ids)
    {
        foreach (QueueId id in ids)
        {
            if (await TryAsync(id) || !_isShared || _waiting.Count >= MostWaiting)
                continue;
            _waiting.Enqueue(id);
            if (Interlocked.Exchange(ref _isTrying, 1) == 0)
                _ = TryAgainAsync();
        }
    }

    private async Task TryAgainAsync()
    {
        TimeSpan pause = FirstPause;
        while (true)
        {
            await Task.Delay(pause * (0.5 + _environment.Random()), _environment.Time, _stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = await TryAllAsync() ? FirstPause : pause * 2 < _mostPause ? pause * 2 : _mostPause;
            if (_stop.IsCancellationRequested)
                return;
            if (!_waiting.IsEmpty)
                continue;
            Volatile.Write(ref _isTrying, 0);

            // One that came in between found this running.
            if (_waiting.IsEmpty || Interlocked.Exchange(ref _isTrying, 1) != 0)
                return;
        }
    }

    // False at the first that fails: the others wait with it.
    private async Task<bool> TryAllAsync()
    {
        List<QueueId> some = new(AtOnce);
        while (!_stop.IsCancellationRequested)
        {
            some.Clear();
            while (some.Count < AtOnce && _waiting.TryDequeue(out QueueId id))
                some.Add(id);
            if (some.Count == 0)
                return true;
            bool[] isDone = await Task.WhenAll(some.Select(TryAsync));
            for (int i = 0; i < isDone.Length; i++)
            {
                if (!isDone[i])
                    _waiting.Enqueue(some[i]);
            }

            if (isDone.Contains(false))
                return false;
        }

        return false;
    }

    private async Task<bool> TryAsync(QueueId id)
    {
        try
        {
            await _storage.RemoveAsync(id, CancellationToken.None);
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A storage that is away says so each time: its words are enough.
            QueueLog.RemovingFailed(_environment.Logger, id, e.Message, e is StorageException ? null : e);
            return false;
        }
    }
}
