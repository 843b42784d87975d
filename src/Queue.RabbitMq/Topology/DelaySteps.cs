using System.Numerics;

namespace SlimtaFast.Queue.RabbitMq.Topology;

/// <summary>
/// The delays that the broker can have queues for: each second up to 32, then sixteen between a power of two and the next, up to one and a half days. Most
/// delays are one of them, closely enough, and the others are a short one and then a long one: a queue lets its messages go one by one, and many that came
/// in one moment would all end a long first step in one moment, too, while their last one ends when each is due. Who gets a message too early sends it on for
/// the rest. Pure.
/// </summary>
internal static class DelaySteps
{
    /// <summary>How many there are.</summary>
    public const int Count = PerOctave * (1 + 13);

    private const int PerOctave = 16;

    // Early is as good as late: an attempt within a fiftieth of its delay is on time. Steps are chosen to end at most half of that late, as the broker adds
    // to it what it takes in each queue.
    private const double Tolerance = 0.02;
    private const double LateTolerance = 0.01;
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a message stays in a step's queue: whole seconds.</summary>
    /// <param name="step">0 to <see cref="Count"/> - 1.</param>
    public static TimeSpan LengthOf(int step)
    {
        (int octave, int place) = int.DivRem(step, PerOctave);
        return TimeSpan.FromSeconds(octave == 0 ? place + 1 : (long)(PerOctave + place + 1) << (octave - 1));
    }

    /// <summary>True where so little is left of a delay that the message is due.</summary>
    /// <param name="left">What is left.</param>
    /// <param name="whole">The whole delay.</param>
    public static bool IsOver(TimeSpan left, TimeSpan whole) => left <= Longer(whole * Tolerance, Least);

    /// <summary>The next step for what is left of a delay, which is not over: the last of those that it is made of with the longest first.</summary>
    /// <param name="left">What is left.</param>
    /// <param name="whole">The whole delay.</param>
    public static int For(TimeSpan left, TimeSpan whole)
    {
        // What may be late is for the last one alone, which is the first found here.
        TimeSpan within = left + Longer(whole * LateTolerance, Least);
        while (true)
        {
            int step = LongestWithin(within);
            TimeSpan length = LengthOf(step);
            left -= step == Count - 1 ? length * Math.Floor(within / length) : length;
            if (IsOver(left, whole))
                return step;
            within = left;
        }
    }

    private static int LongestWithin(TimeSpan time)
    {
        int seconds = (int)Math.Clamp((long)time.TotalSeconds, 1, (long)LengthOf(Count - 1).TotalSeconds);
        if (seconds <= PerOctave)
            return seconds - 1;
        int octave = BitOperations.Log2((uint)seconds / PerOctave);
        return (PerOctave * octave) + (seconds >> octave) - 1;
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
