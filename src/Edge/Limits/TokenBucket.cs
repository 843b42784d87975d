namespace SlimtaFast.Edge.Limits;

/// <summary>
/// A rate with room for bursts: it holds as many tokens as may be taken in one period, and fills evenly. Not thread-safe.
/// </summary>
internal struct TokenBucket
{
    private double _tokens;
    private TimeSpan _filledAt;
    private bool _isUsed;

    /// <summary>Takes a token, or tells that there is none.</summary>
    /// <param name="most">Tokens of one period; 0 for no limit.</param>
    /// <param name="period">The period.</param>
    /// <param name="now">A clock that never goes back.</param>
    public bool TryTake(int most, TimeSpan period, TimeSpan now)
    {
        if (most <= 0)
            return true;
        _tokens = _isUsed ? Math.Min(most, _tokens + (most * ((now - _filledAt) / period))) : most;
        _filledAt = now;
        _isUsed = true;
        if (_tokens < 1)
            return false;
        _tokens--;
        return true;
    }
}
