namespace SlimtaFast.Queue.RabbitMq.Topology;

/// <summary>
/// The delays that the broker has queues for: 1 second, twice that, and so on up to one and a half days. Any delay is a few of them, one after another;
/// who gets a message too early sends it on for the rest. Pure.
/// </summary>
internal static class DelaySteps
{
    /// <summary>How many there are.</summary>
    public const int Count = 18;

    // Early is as good as late: an attempt within a fiftieth of its delay is on time.
    private const double Tolerance = 0.02;
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a message stays in a step's queue.</summary>
    /// <param name="step">0 to <see cref="Count"/> - 1.</param>
    public static TimeSpan LengthOf(int step) => TimeSpan.FromSeconds(1L << step);

    /// <summary>True where so little is left of a delay that the message is due.</summary>
    /// <param name="left">What is left.</param>
    /// <param name="whole">The whole delay.</param>
    public static bool IsOver(TimeSpan left, TimeSpan whole)
    {
        TimeSpan enough = whole * Tolerance;
        return left <= (enough > Least ? enough : Least);
    }

    /// <summary>The step for what is left of a delay: the longest that does not end behind it.</summary>
    public static int For(TimeSpan left)
    {
        int step = 0;
        while (step + 1 < Count && LengthOf(step + 1) <= left + (Least / 2))
            step++;
        return step;
    }
}
