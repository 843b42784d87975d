using SlimtaFast.Queue;

namespace SlimtaFast.Admin.Api;

/// <summary>A next hop.</summary>
/// <param name="Hop">Its name.</param>
/// <param name="Ready">Messages that wait for their turn.</param>
/// <param name="Active">Attempts that run.</param>
/// <param name="Limit">Attempts at once that it gets at present.</param>
/// <param name="SuspendedUntil">When it is tried again after it was down.</param>
/// <param name="SuspendedByOperator">True where an operator has it suspended.</param>
/// <param name="Trouble">What it said when it was found down.</param>
internal sealed record HopState(string Hop, int Ready, int Active, int Limit, DateTimeOffset? SuspendedUntil, bool SuspendedByOperator, string? Trouble)
{
    public static HopState Of(HopSnapshot hop) => new(
        hop.Name, hop.Ready, hop.Active, hop.Limit, hop.IsStopped ? null : hop.SuspendedUntil, hop.IsStopped, hop.LastTrouble.IsNone ? null : hop.LastTrouble.ToString());
}
