using SlimtaFast.Mail;

namespace SlimtaFast.Admin.Api;

/// <summary>A recipient of a queued message.</summary>
internal sealed record MessageRecipient(string Address, RecipientPhase Phase, string? LastReply, string? Remote, string? OriginalRecipient)
{
    public static MessageRecipient Of(Recipient recipient, RecipientStatus status) => new(
        recipient.Address.Address, status.Phase, status.LastReply.IsNone ? null : status.LastReply.ToString(), status.RemoteName, recipient.OriginalRecipient);
}
