using System.Net;
using System.Net.Sockets;
using SlimtaFast.Dns;
using SlimtaFast.Edge.Reputation;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge;

/// <summary>
/// Looks the client's name up in the reverse DNS and confirms it: only a name that leads back to the address is put into
/// <see cref="HookSession.HostName"/>. Where nothing depends on it the look-up goes on beside the dialogue and is waited for at MAIL.
/// What cannot be found out is refused temporarily where a name is required, and is no name otherwise. Clients that may relay or are
/// exempt are never refused.
/// </summary>
public sealed class ReverseNameCheck : SessionHook
{
    // Names of one address that are confirmed; whoever runs the reverse zone decides how many there are.
    private const int MostNames = 5;

    private static readonly SmtpReply Missing = new(554, "5.7.25", "Your address has no name in the reverse DNS");
    private static readonly SmtpReply Unconfirmed = new(554, "5.7.25", "The name of your address in the reverse DNS does not lead back to it");
    private static readonly SmtpReply Unknown = new(421, "4.7.25", "The name of your address cannot be looked up now, try again later");

    private readonly IDnsResolver _dns;
    private readonly ReverseNameRule _rule;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;

    /// <summary>Makes the check.</summary>
    /// <param name="dns">Where to look up.</param>
    /// <param name="rule">What is refused.</param>
    /// <param name="limit">How long each look-up may take; null for 5 seconds.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public ReverseNameCheck(IDnsResolver dns, ReverseNameRule rule = ReverseNameRule.Note, TimeSpan? limit = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(dns);
        _dns = dns;
        _rule = rule;
        _limit = limit ?? TimeSpan.FromSeconds(5);
        _time = time ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public override async ValueTask<SmtpReply> OnConnectAsync(HookSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session.Address is not { } address)
            return default;
        Task<Finding> search = SearchAsync(address, cancellationToken);
        if (_rule == ReverseNameRule.Note || session.MayRelay || session.IsExempt)
        {
            session.Set(new Pending(search));
            return default;
        }

        Finding found = await search;
        session.HostName = found.Name;
        return found switch
        {
            { IsUnknown: true } => session.Refuse(RefusalReason.ReverseNameMissing, Unknown),
            { HasNames: false } => session.Refuse(RefusalReason.ReverseNameMissing, Missing),
            { Name: null } when _rule == ReverseNameRule.Confirmed => session.Refuse(RefusalReason.ReverseNameUnconfirmed, Unconfirmed),
            _ => default,
        };
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnMailAsync(HookSession session, MailTransaction transaction, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.Get<Pending>() is { } pending ? TakeAsync(session, pending.Search) : default;
    }

    private static async ValueTask<SmtpReply> TakeAsync(HookSession session, Task<Finding> search)
    {
        session.HostName = (await search).Name;
        session.Set<Pending>(null);
        return default;
    }

    private async Task<Finding> SearchAsync(IPAddress address, CancellationToken cancellationToken)
    {
        DnsAnswer<string> names = await _dns.LookupPtrAsync(address, cancellationToken).WithinAsync(_limit, _time);
        if (names.Status == DnsStatus.Failed)
            return new Finding(null, HasNames: false, IsUnknown: true);
        bool isUnknown = false;
        foreach (string name in names.Records.Take(MostNames))
        {
            DnsAnswer<IPAddress> back = await (address.AddressFamily == AddressFamily.InterNetwork
                ? _dns.LookupAAsync(name, cancellationToken)
                : _dns.LookupAaaaAsync(name, cancellationToken)).WithinAsync(_limit, _time);
            if (back.Records.Contains(address))
                return new Finding(name, HasNames: true, IsUnknown: false);
            isUnknown |= back.Status == DnsStatus.Failed;
        }

        return new Finding(null, names.Records.Count > 0, isUnknown && _rule == ReverseNameRule.Confirmed);
    }

    private sealed record Finding(string? Name, bool HasNames, bool IsUnknown);

    private sealed record Pending(Task<Finding> Search);
}
