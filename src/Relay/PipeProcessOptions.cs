namespace SlimtaFast.Relay;

/// <summary>How a relay runs the program that takes mail. Immutable.</summary>
public sealed record PipeProcessOptions
{
    /// <summary>
    /// How long one run may take. Then its whole process group is ended, and the message is tried again later. Default 10 minutes.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a process group may take to end after SIGTERM, before it gets SIGKILL. A queue that stops waits a little longer than this
    /// default. Default 3 seconds.
    /// </summary>
    public TimeSpan KillDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Processes at once. Default 20.</summary>
    public int MaxProcesses { get; init; } = 20;

    /// <summary>
    /// Recipients of one message that one process is for. With more than 1, each argument that names a recipient is repeated for each, and
    /// the exit code is the outcome of all. A command that names none runs once for all of them where this is more than 1. Default 1.
    /// </summary>
    public int RecipientsPerProcess { get; init; } = 1;

    /// <summary>The user as whom the program runs, with its groups; needs root. Null for our own. Default null.</summary>
    public string? User { get; init; }

    /// <summary>The group in place of the user's own; needs root. Null for the user's. Default null.</summary>
    public string? Group { get; init; }

    /// <summary>The program's working directory, an absolute path. Default <c>/</c>.</summary>
    public string Directory { get; init; } = "/";

    /// <summary>
    /// Variables in its environment besides PATH (<c>/usr/local/bin:/usr/bin:/bin</c> unless given here), our TZ, and with a user HOME, USER
    /// and LOGNAME. Nothing else of our own environment is passed on. Default none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>How lines end. Default LF.</summary>
    public PipeLineEnds LineEnds { get; init; }

    /// <summary>
    /// Whether a Return-Path field with the envelope's sender goes in front, as final delivery has to add one (RFC 5321 section 4.4). Null
    /// for the relay's own default: yes for maildrop and dovecot-lda, no for other programs, which may send the message on.
    /// </summary>
    public bool? AddReturnPath { get; init; }

    /// <summary>
    /// Whether a Delivered-To field with the recipient goes in front; a message that has one for its recipient already is looping and bounces
    /// (5.4.6). Only with one recipient for each process. Default false, since mailbox servers add their own.
    /// </summary>
    public bool AddDeliveredTo { get; init; }

    /// <summary>
    /// Whether the program puts the message into the mailbox itself, so that a report of success says delivered and not relayed. Null for the
    /// relay's own default: yes for maildrop and dovecot-lda.
    /// </summary>
    public bool? IsFinal { get; init; }

    /// <summary>
    /// Whether an address may begin an argument with a hyphen. Without, such a message bounces, for a program could take it for an option;
    /// the arguments of maildrop and dovecot-lda themselves are safe. Default false.
    /// </summary>
    public bool AllowLeadingHyphen { get; init; }

    /// <summary>Exit codes that mean "try again later", whatever they mean by default. Default none.</summary>
    public IReadOnlyCollection<int> TransientExitCodes { get; init; } = [];

    /// <summary>Exit codes that mean "bounce", whatever they mean by default. Default none.</summary>
    public IReadOnlyCollection<int> PermanentExitCodes { get; init; } = [];

    /// <summary>
    /// Where messages above 256 KiB are kept while their process runs, in files without a name; smaller ones are in memory. An absolute path;
    /// null for the system's folder for temporary files. Default null.
    /// </summary>
    public string? ScratchDirectory { get; init; }

    /// <summary>The longest <see cref="Timeout"/> and <see cref="KillDelay"/>: 1 day.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromDays(1);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(KillDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Timeout, Longest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(KillDelay, Longest);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxProcesses, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(RecipientsPerProcess, 1);
        if (AddDeliveredTo && RecipientsPerProcess > 1)
            throw new ArgumentException("A Delivered-To field names one recipient, so it needs one recipient for each process.", nameof(AddDeliveredTo));
        if (!Path.IsPathRooted(Directory))
            throw new ArgumentException("The working directory must be an absolute path.", nameof(Directory));
        if (ScratchDirectory is not null && !Path.IsPathRooted(ScratchDirectory))
            throw new ArgumentException("The folder for scratch files must be an absolute path.", nameof(ScratchDirectory));
        foreach (int code in TransientExitCodes.Concat(PermanentExitCodes))
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(code, 1, nameof(TransientExitCodes));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(code, 255, nameof(TransientExitCodes));
        }

        if (TransientExitCodes.Intersect(PermanentExitCodes).Any())
            throw new ArgumentException("An exit code is either transient or permanent.", nameof(PermanentExitCodes));
    }
}
