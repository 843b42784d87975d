using SlimtaFast.Mail;
using SlimtaFast.Queue;

namespace SlimtaFast.Admin.Api;

/// <summary>A queued message in a list. Senders, recipients and replies are what others wrote, as they wrote it.</summary>
internal sealed record MessageSummary
{
    private const int MostRecipients = 20;

    public required string Id { get; init; }

    public required QueuePlace State { get; init; }

    /// <summary>Empty for the null reverse-path.</summary>
    public required string Sender { get; init; }

    /// <summary>Those still to be delivered to, the first 20.</summary>
    public required string[] Recipients { get; init; }

    /// <summary>How many are still to be delivered to.</summary>
    public required int Open { get; init; }

    /// <summary>The recipients' domain.</summary>
    public required string Domain { get; init; }

    /// <summary>The domain by whose route it goes; left out where that is the recipients' own.</summary>
    public string? RoutingDomain { get; init; }

    public required string Hop { get; init; }

    public required long Octets { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When the next attempt is due; left out where an operator holds it.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public required int Attempts { get; init; }

    public required bool HeldByOperator { get; init; }

    public int? Priority { get; init; }

    /// <summary>What the first open recipient's last attempt was told.</summary>
    public string? LastReply { get; init; }

    /// <summary>Why it waits, by name.</summary>
    public WaitReason? Reason { get; init; }

    /// <summary>What its next hop said when it was found down; left out where that is not why it waits.</summary>
    public string? HopTrouble { get; init; }

    public static MessageSummary Of(ListedItem item)
    {
        int[] open = [.. Enumerable.Range(0, item.Envelope.Recipients.Count).Where(i => item.State.Recipients[i].Phase == RecipientPhase.Open)];
        SmtpReply last = open.Length > 0 ? item.State.Recipients[open[0]].LastReply : default;
        return new MessageSummary
        {
            Id = item.Id.ToString(),
            State = item.Place,
            Sender = item.Envelope.ReversePath.Address,
            Recipients = [.. open.Take(MostRecipients).Select(i => item.Envelope.Recipients[i].Address.Address)],
            Open = open.Length,
            Domain = item.Envelope.Domain,
            RoutingDomain = item.State.RoutingDomain is { } way && way != item.Envelope.Domain ? way : null,
            Hop = item.NextHop,
            Octets = item.Envelope.Length,
            ReceivedAt = item.Envelope.ReceivedAt,
            DueAt = item.State.IsHeld ? null : item.State.DueAt,
            Attempts = item.State.Attempts,
            HeldByOperator = item.State.IsHeld,
            Priority = item.Envelope.Terms?.Priority,
            LastReply = last.IsNone ? null : last.ToString(),
            Reason = item.Wait?.Reason,
            HopTrouble = item.Wait is { Reason: WaitReason.HopSuspended or WaitReason.HopProbed, HopTrouble.IsNone: false } wait ? wait.HopTrouble.ToString() : null,
        };
    }
}
