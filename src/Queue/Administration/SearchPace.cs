namespace SlimtaFast.Queue.Administration;

/// <summary>
/// Keeps searches from taking processor and disk away from mail: one looks at a time, and while mail comes and goes it works for a thirtieth of the time.
/// Thread-safe.
/// </summary>
#pragma warning disable CA1001 // The semaphore has no wait handle, and so nothing to let go of.
internal sealed class SearchPace
#pragma warning restore CA1001
{
    // As much as this many items that come or go in a second is work that somebody waits for.
    private const double BusyRate = 200;

    // Rests behind each piece of work, as multiples of the time that it took.
    private const int RestShare = 30;

    private static readonly TimeSpan Piece = TimeSpan.FromMilliseconds(0.5);
    private static readonly TimeSpan MostRest = TimeSpan.FromMilliseconds(100);

    // How long the queue is watched before it is believed to have little to do, and for how long that is believed of it.
    private static readonly TimeSpan Watch = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Belief = TimeSpan.FromSeconds(1);

    private readonly Func<long> _turnover;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _one = new(1, 1);
    private bool _isBusy = true;
    private long _watchedAt;
    private long _watchedTurnover;

    /// <summary>Makes a pace.</summary>
    /// <param name="turnover">Counts items that came or went.</param>
    /// <param name="time">Tells how long searching took.</param>
    public SearchPace(Func<long> turnover, TimeProvider time)
    {
        _turnover = turnover;
        _time = time;
        _watchedAt = time.GetTimestamp();
        _watchedTurnover = turnover();
    }

    /// <summary>Waits for the end of other searches; this one's ends when the result is disposed.</summary>
    public async ValueTask<Turn> BeginAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        if (_time.GetElapsedTime(_watchedAt) > Belief)
        {
            _isBusy = true;
            _watchedAt = _time.GetTimestamp();
            _watchedTurnover = _turnover();
        }

        return new Turn(this);
    }

    private bool LooksBusy()
    {
        TimeSpan watched = _time.GetElapsedTime(_watchedAt);
        if (watched < Watch)
            return _isBusy;
        long turnover = _turnover();
        _isBusy = turnover - _watchedTurnover > watched.TotalSeconds * BusyRate;
        _watchedAt = _time.GetTimestamp();
        _watchedTurnover = turnover;
        return _isBusy;
    }

    /// <summary>One search's time to look. For one caller at a time.</summary>
    internal sealed class Turn : IDisposable
    {
        // Longer nobody waits for an answer, short as it may be.
        private static readonly TimeSpan Most = TimeSpan.FromMilliseconds(250);

        private readonly SearchPace _pace;
        private readonly long _begunAt;
        private long _pieceAt;

        /// <summary>Begins it.</summary>
        public Turn(SearchPace pace)
        {
            _pace = pace;
            _begunAt = _pieceAt = pace._time.GetTimestamp();
        }

        /// <summary>True where the search should answer with what it has.</summary>
        public bool IsOver => _pace._time.GetElapsedTime(_begunAt) >= Most;

        /// <summary>Rests where it is time to.</summary>
        public ValueTask RestAsync(CancellationToken cancellationToken)
        {
            TimeSpan worked = _pace._time.GetElapsedTime(_pieceAt);
            if (worked < Piece)
                return ValueTask.CompletedTask;
            if (_pace.LooksBusy())
                return SleepAsync(worked * RestShare, cancellationToken);
            _pieceAt = _pace._time.GetTimestamp();
            return ValueTask.CompletedTask;
        }

        /// <inheritdoc/>
        public void Dispose() => _pace._one.Release();

        private async ValueTask SleepAsync(TimeSpan rest, CancellationToken cancellationToken)
        {
            await Task.Delay(rest < MostRest ? rest : MostRest, _pace._time, cancellationToken);
            _pieceAt = _pace._time.GetTimestamp();
        }
    }
}
