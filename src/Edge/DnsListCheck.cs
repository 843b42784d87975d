using System.Net;
using SlimtaFast.Dns;
using SlimtaFast.Edge.Reputation;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge;

/// <summary>
/// Refuses clients that lists in the DNS name. The lists are asked when the client connects, beside the greeting. Clients that may
/// relay or are exempt are not looked up.
/// </summary>
public sealed class DnsListCheck : SessionHook
{
    private readonly IDnsResolver _dns;
    private readonly DnsListOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Makes the check.</summary>
    public DnsListCheck(IDnsResolver dns, DnsListOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(dns);
        ArgumentNullException.ThrowIfNull(options);
        _dns = dns;
        _options = options;
        _time = time ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public override async ValueTask<SmtpReply> OnConnectAsync(HookSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session.Address is not { } address || session.MayRelay || session.IsExempt)
            return default;
        Task<string?> judging = JudgeAsync(address, cancellationToken);
        if (!_options.AtConnect)
        {
            session.Set(new Pending(judging));
            return default;
        }

        return await judging is { } text ? session.Refuse(RefusalReason.BlockList, Refusal(554, text)) : default;
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnRecipientAsync(HookSession session, MailTransaction transaction, Recipient recipient, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(recipient);
        // Authentication may have come after the connect.
        if (session.Get<Pending>() is not { } pending || session.MayRelay || recipient.Address.LocalPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase))
            return default;
        if (!pending.Judging.IsCompletedSuccessfully)
            return AwaitAsync(session, pending.Judging);
        return ValueTask.FromResult(pending.Judging.Result is { } text ? session.Refuse(RefusalReason.BlockList, Refusal(550, text)) : default);
    }

    private static async ValueTask<SmtpReply> AwaitAsync(HookSession session, Task<string?> judging) =>
        await judging is { } text ? session.Refuse(RefusalReason.BlockList, Refusal(550, text)) : default;

    // A list's own words may stand in it.
    private static SmtpReply Refusal(int code, string text) => SmtpReply.FromForeignText(code, new EnhancedStatus(5, 7, 1), text);

    // The text of the refusal, or null for none.
    private async Task<string?> JudgeAsync(IPAddress address, CancellationToken cancellationToken)
    {
        Task<bool>[] asked = [.. _options.Lists.Select(list => IsListedAsync(list, address, cancellationToken))];
        bool[] isListed = await Task.WhenAll(asked);
        DnsList? worst = null;
        int score = 0;
        for (int i = 0; i < isListed.Length; i++)
        {
            if (!isListed[i])
                continue;
            DnsList list = _options.Lists[i];
            score += list.Weight;
            if (worst is null || list.Weight > worst.Weight)
                worst = list;
        }

        if (worst is null || score < _options.Threshold)
            return null;
        string text = _options.Reply
            .Replace("{ip}", address.ToString(), StringComparison.Ordinal)
            .Replace("{list}", worst.Zone, StringComparison.Ordinal);
        return text.Contains("{reason}", StringComparison.Ordinal)
            ? text.Replace("{reason}", await GetReasonAsync(worst, address, cancellationToken), StringComparison.Ordinal)
            : text;
    }

    private async Task<bool> IsListedAsync(DnsList list, IPAddress address, CancellationToken cancellationToken)
    {
        DnsAnswer<IPAddress> answer = await _dns.LookupAAsync(list.GetName(address), cancellationToken).WithinAsync(_options.Timeout, _time);
        return answer.Status == DnsStatus.Found && list.IsListing(answer.Records);
    }

    private async Task<string> GetReasonAsync(DnsList list, IPAddress address, CancellationToken cancellationToken)
    {
        DnsAnswer<string> answer = await _dns.LookupTxtAsync(list.GetName(address), cancellationToken).WithinAsync(_options.Timeout, _time);
        return answer.Records.Count > 0 ? answer.Records[0] : "no reason given";
    }

    private sealed record Pending(Task<string?> Judging);
}
