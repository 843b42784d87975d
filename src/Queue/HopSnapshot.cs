using SlimtaFast.Mail;

namespace SlimtaFast.Queue;

/// <summary>What a queue knew of a next hop at one moment. Immutable.</summary>
/// <param name="Name">The relay's key for it.</param>
/// <param name="Ready">Items that wait for their turn.</param>
/// <param name="Active">Attempts that run.</param>
/// <param name="Limit">Attempts at once that it gets at present.</param>
/// <param name="SuspendedUntil">When it is tried again after it was down; null while it is used.</param>
public sealed record HopSnapshot(string Name, int Ready, int Active, int Limit, DateTimeOffset? SuspendedUntil)
{
    /// <summary>True while an operator has it suspended: then <see cref="SuspendedUntil"/> means nothing.</summary>
    public bool IsStopped { get; init; }

    /// <summary>What it, or the network, said when it was found down; no reply where it is used.</summary>
    public SmtpReply LastTrouble { get; init; }
}
