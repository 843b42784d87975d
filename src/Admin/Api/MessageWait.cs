using System.Globalization;
using SlimtaFast.Queue;

namespace SlimtaFast.Admin.Api;

/// <summary>Why a message waits.</summary>
/// <param name="Reason">The reason by name.</param>
/// <param name="Explanation">The same in a sentence.</param>
/// <param name="Until">Until when, where that is known.</param>
/// <param name="HopActive">Attempts that run for its next hop.</param>
/// <param name="HopLimit">Attempts at once that its next hop gets at present; 0 where nothing is known of it.</param>
/// <param name="HopReady">Messages that wait for their turn with its next hop.</param>
/// <param name="Active">Attempts that run over all next hops.</param>
/// <param name="Limit">Attempts at once over all next hops.</param>
/// <param name="HopTrouble">What its next hop said when it was found down.</param>
internal sealed record MessageWait(
    WaitReason Reason, string Explanation, DateTimeOffset? Until, int HopActive, int HopLimit, int HopReady, int Active, int Limit, string? HopTrouble)
{
    public static MessageWait Of(ItemWait wait) => new(
        wait.Reason, Explain(wait), wait.Until, wait.HopActive, wait.HopLimit, wait.HopReady, wait.Active, wait.Limit, wait.HopTrouble.IsNone ? null : wait.HopTrouble.ToString());

    private static string Explain(ItemWait wait) => wait.Reason switch
    {
        WaitReason.NotDue => "It waits for its next attempt.",
        WaitReason.HeldForSender => "Its sender had it held.",
        WaitReason.HeldByOperator => "An operator holds it.",
        WaitReason.QueueHolds => "The queue stores only (hold:).",
        WaitReason.Paused => "All deliveries are paused.",
        WaitReason.HopStopped => "An operator has suspended its next hop.",
        WaitReason.HopSuspended => "Its next hop is down.",
        WaitReason.HopProbed => "Its next hop was down; one attempt at a time finds out whether it is back.",
        WaitReason.HopLimit => string.Create(CultureInfo.InvariantCulture, $"Its next hop has {wait.HopActive} attempts at once, as many as it takes at present."),
        WaitReason.AttemptLimit => string.Create(CultureInfo.InvariantCulture, $"{wait.Active} attempts run over all next hops, of {wait.Limit}: as many as there may be, or as leave some for others."),
        WaitReason.StorageBusy => "Too many outcomes wait for the storage.",
        WaitReason.StorageTrouble => "The storage failed to give a message back a moment ago.",
        WaitReason.Turn => "Nothing is in its way: its turn comes.",
        WaitReason.BeingAttempted => "It is being attempted.",
        WaitReason.BeingRecorded => "Its new state is being recorded.",
        WaitReason.NotHere => "Its time has come; another process has it, or whichever has room takes it, when its next hop is tried again where that is down.",
        _ => "An order for it is being carried out.",
    };
}
