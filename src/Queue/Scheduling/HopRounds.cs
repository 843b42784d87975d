using System.Diagnostics.CodeAnalysis;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>
/// Whose turn it is: the hops with something to attempt, and those with something to read back, each in a round of its own, so that every
/// one comes by after as many steps as there are hops. Not thread-safe.
/// </summary>
internal sealed class HopRounds
{
    private readonly Queue<Hop> _attempts = new();
    private readonly Queue<Hop> _reads = new();

    /// <summary>Puts a hop at the end of the rounds where it has something to do and does not stand yet.</summary>
    public void Enrol(Hop hop)
    {
        if (!hop.InAttemptRound && hop.CanAttempt)
        {
            hop.InAttemptRound = true;
            _attempts.Enqueue(hop);
        }

        if (!hop.InReadRound && hop.CanRead)
        {
            hop.InReadRound = true;
            _reads.Enqueue(hop);
        }
    }

    /// <summary>Takes the hop whose turn it is to attempt something. One that cannot any more is passed over.</summary>
    /// <param name="share">Attempts that a hop may have running for another one; a hop with none always may.</param>
    /// <param name="hop">The hop.</param>
    public bool TryTakeAttempt(int share, [NotNullWhen(true)] out Hop? hop)
    {
        while (_attempts.TryDequeue(out hop))
        {
            hop.InAttemptRound = false;

            // One passed over for its share stands here again when an attempt of its own ends.
            if (hop.CanAttempt && (hop.Active == 0 || hop.Active < share))
                return true;
        }

        return false;
    }

    /// <summary>Takes the hop whose turn it is to read something back. One that cannot any more is passed over.</summary>
    public bool TryTakeRead([NotNullWhen(true)] out Hop? hop)
    {
        while (_reads.TryDequeue(out hop))
        {
            hop.InReadRound = false;
            if (hop.CanRead)
                return true;
        }

        return false;
    }
}
