namespace SlimtaFast.Queue.RabbitMq.Topology;

/// <summary>
/// The delays that the broker has queues for: 1 second, twice that, and so on up to one and a half days. Any delay is a few of them, one after another,
/// short ones first: a queue lets its messages go one by one, and many that came in one moment would all leave their first long step in one moment, too,
/// while their last one ends when each is due. Who gets a message too early sends it on for the rest. Pure.
/// </summary>
internal static class DelaySteps
{
    /// <summary>How many there are.</summary>
    public const int Count = 18;

    // Early is as good as late: an attempt within a fiftieth of its delay is on time. Steps are chosen to end at most half of that late, as the broker adds
    // to it what it takes in each queue.
    private const double Tolerance = 0.02;
    private const double LateTolerance = 0.01;
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

    /// <summary>The next step for what is left of a delay: the longest of which some whole number ends on time.</summary>
    /// <param name="left">What is left.</param>
    /// <param name="whole">The whole delay.</param>
    public static int For(TimeSpan left, TimeSpan whole)
    {
        TimeSpan late = whole * LateTolerance, latest = left + (late > Least / 2 ? late : Least / 2);
        for (int step = Count - 1; step > 0; step--)
        {
            TimeSpan length = LengthOf(step);
            double times = Math.Floor(latest / length);
            if (times >= 1 && IsOver(left - (length * times), whole))
                return step;
        }

        return 0;
    }
}
