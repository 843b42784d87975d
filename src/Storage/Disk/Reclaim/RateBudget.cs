using System.Diagnostics;

namespace SlimtaFast.Storage.Disk.Reclaim;

/// <summary>So many of something a second, with up to a second's worth at once. Used by one thread.</summary>
internal sealed class RateBudget
{
    private readonly int _perSecond;
    private double _left;
    private long _filledAt = Stopwatch.GetTimestamp();

    /// <summary>Starts full.</summary>
    public RateBudget(int perSecond)
    {
        _perSecond = perSecond;
        _left = perSecond;
    }

    /// <summary>How many may be spent now.</summary>
    public int Available
    {
        get
        {
            long now = Stopwatch.GetTimestamp();
            _left = Math.Min(_perSecond, _left + (Stopwatch.GetElapsedTime(_filledAt, now).TotalSeconds * _perSecond));
            _filledAt = now;
            return (int)_left;
        }
    }

    /// <summary>Spends some.</summary>
    public void Spend(int count) => _left -= count;
}
