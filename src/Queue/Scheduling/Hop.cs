using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>
/// A next hop: its ready items, how many attempts may run at once, and whether it is suspended. The limit grows by about one for each
/// round of successes while it is in use, is halved once a round when the hop asks for less, and starts anew after a suspension.
/// Not thread-safe: the scheduler's lock covers it.
/// </summary>
internal sealed class Hop
{
    // A retry goes before new mail once in so many reads, so that a steady stream of new mail never starves retries.
    private const int RetryTurn = 4;

    private readonly HopLimits _limits;
    private int _most;
    private double _limit;
    private int _reads;
    private int _successes;

    /// <summary>Ready items whose content is at hand.</summary>
    public ReadyList Loaded;

    /// <summary>Ready items never attempted, to be read back.</summary>
    public ReadyList Fresh;

    /// <summary>Ready items attempted before, to be read back.</summary>
    public ReadyList Retries;

    /// <summary>How fast it takes mail.</summary>
    public HopPace Pace;

    /// <summary>Makes a hop of which nothing is known yet.</summary>
    public Hop(NextHop hop, HopLimits limits)
    {
        Name = hop.Name;
        _limits = limits;
        _most = hop.Most > 0 ? hop.Most : limits.Most;
        _limit = Initial;
        IdleNode = new LinkedListNode<Hop>(this);
    }

    /// <summary>The relay's key for it.</summary>
    public string Name { get; }

    /// <summary>Whether it is used.</summary>
    public HopState State { get; private set; }

    /// <summary>Attempts at once that it gets at present.</summary>
    public int Limit => (int)_limit;

    /// <summary>Attempts that run.</summary>
    public int Active { get; set; }

    /// <summary>Items being read back, or read back and not attempted yet.</summary>
    public int ReadAhead { get; set; }

    /// <summary>Counts the changes of limit and state, so that a result of an attempt from before one is not counted twice.</summary>
    public int Epoch { get; private set; }

    /// <summary>Suspensions since it last worked.</summary>
    public int Failures { get; private set; }

    /// <summary>When a suspension ends, in UTC ticks.</summary>
    public long SuspendedUntil { get; private set; }

    /// <summary>True while an operator has it suspended, until he lets it be used again.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>True while only an operator has named it, so that the relay's bound is not known yet.</summary>
    public bool IsUnmet { get; set; }

    /// <summary>What it, or the network, last said when it was down.</summary>
    public RecipientOutcome LastTrouble { get; set; }

    /// <summary>When the first of its items needs a look while it is suspended, in UTC ticks.</summary>
    public long NextReview { get; set; } = long.MaxValue;

    /// <summary>The first deadline of its items that have one, in UTC ticks.</summary>
    public long NextDeadline { get; set; } = long.MaxValue;

    /// <summary>Items that the present look through has not come to yet.</summary>
    public int ReviewLeft { get; set; }

    /// <summary>True while it stands in the round of hops with something to attempt.</summary>
    public bool InAttemptRound { get; set; }

    /// <summary>True while it stands in the round of hops with something to read back.</summary>
    public bool InReadRound { get; set; }

    /// <summary>Its place among the hops with nothing to do.</summary>
    public LinkedListNode<Hop> IdleNode { get; }

    /// <summary>Items that wait for an attempt.</summary>
    public int Ready => Loaded.Count + Fresh.Count + Retries.Count;

    /// <summary>True where nothing is left to do for it.</summary>
    public bool IsIdle => Active == 0 && ReadAhead == 0 && Ready == 0 && State != HopState.Suspended;

    private int Initial => Math.Min(_limits.Initial, _most);

    // Grows with success, so that many hops that accept and then do nothing cannot take all reading to themselves.
    private int ReadAheadLimit => Math.Min(Math.Min(Limit, _limits.ReadAhead), 2 + (_successes / 4));

    /// <summary>True where an attempt may start now.</summary>
    public bool CanAttempt => Loaded.Count > 0 && State != HopState.Suspended && Active < (State == HopState.Probing ? 1 : Limit);

    /// <summary>True where an item should be read back now.</summary>
    public bool CanRead => Fresh.Count + Retries.Count > 0 && State switch
    {
        HopState.Suspended => false,
        HopState.Probing => Active + ReadAhead + Loaded.Count == 0,
        _ => ReadAhead < ReadAheadLimit,
    };

    /// <summary>Takes the item to be read back next: the higher priority and, among equals, new mail before retries, as a rule.</summary>
    public int TakeBacklog(SlotTable slots)
    {
        bool retry = Fresh.Count == 0 || (Retries.Count > 0 && PrefersRetry(++_reads % RetryTurn == 0));
        return retry ? Retries.Pop(slots) : Fresh.Pop(slots);
    }

    /// <summary>Counts an attempt in which the hop worked.</summary>
    public void Succeeded()
    {
        Failures = 0;
        if (IsStopped)
            return;
        _successes = Math.Min(_successes + 1, _limits.ReadAhead * 4);
        if (State != HopState.Up)
            Resume();
        else if (Active >= Limit)
            _limit = Math.Min(_most, _limit + (1 / _limit));
    }

    /// <summary>Counts an attempt in which the hop asked for less; true where it is to be suspended for a while.</summary>
    public bool RefusedMore(int epoch)
    {
        if (State == HopState.Probing)
        {
            Resume();
            _limit = 1;
            return false;
        }

        if (epoch != Epoch || State != HopState.Up)
            return false;
        bool alreadyLeast = Limit <= 1;
        _limit = Math.Max(1, _limit / 2);
        Epoch++;
        return alreadyLeast;
    }

    /// <summary>True where an attempt that found the hop down tells something new.</summary>
    public bool IsNews(int epoch) => State == HopState.Probing || (State == HopState.Up && epoch == Epoch);

    /// <summary>Suspends the hop; the time grows with each suspension in a row and is jittered by up to a fifth either way.</summary>
    public void Suspend(long now, double random)
    {
        Failures++;
        double factor = Math.Pow(2, Math.Min(Failures - 1, 30)) * (0.8 + (0.4 * random));
        double ticks = Math.Min(_limits.SuspendFirst.Ticks * factor, _limits.SuspendMost.Ticks);
        SuspendedUntil = now + (long)ticks;
        State = HopState.Suspended;
        _successes = 0;
        Epoch++;
    }

    /// <summary>Suspends the hop until <see cref="Start"/>, whatever becomes of attempts that run.</summary>
    public void Stop(long now)
    {
        IsStopped = true;
        PutOff(now);
        State = HopState.Suspended;
        Epoch++;
    }

    /// <summary>Ends a suspension, whoever made it: one that was down is probed, another one used carefully.</summary>
    public void Start()
    {
        IsStopped = false;
        if (Failures > 0)
            Probe();
        else
            Resume();
    }

    /// <summary>Takes note of what the relay says of it.</summary>
    public void Meet(NextHop hop)
    {
        IsUnmet = false;
        if (hop.Most > 0)
            _most = hop.Most;
        _limit = Math.Min(_limit, Initial);
    }

    /// <summary>While an operator has it suspended, the end of that is only when its items are looked through again.</summary>
    public void PutOff(long now) => SuspendedUntil = now + _limits.SuspendMost.Ticks;

    /// <summary>Lets one attempt at a time find out whether the hop works again.</summary>
    public void Probe() => State = HopState.Probing;

    /// <summary>Uses the hop again, carefully.</summary>
    public void Resume()
    {
        State = HopState.Up;
        _limit = Math.Max(1, Math.Min(_limit / 2, Initial));
        Epoch++;
    }

    // The turn of the others comes round whatever the priorities are.
    private bool PrefersRetry(bool isOthersTurn) => Retries.Highest > Fresh.Highest ? !isOthersTurn : isOthersTurn;
}
