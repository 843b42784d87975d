using System.Collections.Frozen;
using System.Net;
using SlimtaFast.Dns;
using SlimtaFast.Edge.Reputation;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge;

/// <summary>
/// Judges what a client calls itself. The dialogue has refused names that could not stand in a header field before. Clients that may
/// relay or are exempt may call themselves anything.
/// </summary>
public sealed class HelloCheck : SessionHook
{
    private static readonly SmtpReply NotAName = new(550, "5.7.1", "HELO needs a full host name or your address in brackets");
    private static readonly SmtpReply NotYours = new(550, "5.7.1", "HELO with somebody else's address");
    private static readonly SmtpReply Ours = new(550, "5.7.1", "HELO with this server's own name or address");
    private static readonly SmtpReply NotFound = new(550, "5.7.1", "HELO with a name that does not exist in the DNS");

    private readonly HelloCheckOptions _options;
    private readonly FrozenSet<string> _ownNames;
    private readonly FrozenSet<IPAddress> _ownAddresses;
    private readonly IDnsResolver? _dns;
    private readonly TimeProvider _time;

    /// <summary>Makes the check.</summary>
    /// <param name="options">What to refuse.</param>
    /// <param name="dns">Where to look up; needed where a name must be resolvable (<see cref="ArgumentException"/> otherwise).</param>
    /// <param name="time">The clock; null for the system's.</param>
    public HelloCheck(HelloCheckOptions options, IDnsResolver? dns = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.RequireResolvable && dns is null)
            throw new ArgumentException("Names cannot be resolved without a resolver.", nameof(dns));
        _options = options;
        _ownNames = options.OwnNames.Select(name => name.TrimEnd('.')).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _ownAddresses = options.OwnAddresses.ToFrozenSet();
        _dns = dns;
        _time = time ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnHelloAsync(HookSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session.MayRelay || session.IsExempt)
            return default;
        string name = session.HelloName.TrimEnd('.');
        bool isLiteral = TryReadLiteral(name, out IPAddress? literal);
        if (_ownNames.Contains(name) || (literal is not null && _ownAddresses.Contains(literal)))
            return ValueTask.FromResult(session.Refuse(RefusalReason.HelloOwnName, Ours));
        if (literal is not null && session.Address is { } address && !literal.Equals(address))
            return ValueTask.FromResult(session.Refuse(RefusalReason.HelloSyntax, NotYours));
        if (_options.RequireName && literal is null && (isLiteral || !IsFullName(name)))
            return ValueTask.FromResult(session.Refuse(RefusalReason.HelloSyntax, NotAName));
        return _options.RequireResolvable && !isLiteral ? ResolveAsync(session, name, cancellationToken) : default;
    }

    private static bool IsFullName(string name) =>
        name.Contains('.', StringComparison.Ordinal) && !IPAddress.TryParse(name, out _) && Uri.CheckHostName(name) == UriHostNameType.Dns;

    // RFC 5321 section 4.1.3; a bare address, which many send, counts as one of its kind.
    private static bool TryReadLiteral(string name, out IPAddress? address)
    {
        const string V6 = "IPv6:";
        address = null;
        bool isLiteral = name is ['[', .., ']'];
        ReadOnlySpan<char> text = isLiteral ? name.AsSpan(1, name.Length - 2) : name;
        if (text.StartsWith(V6, StringComparison.OrdinalIgnoreCase))
            text = text[V6.Length..];
        if (IPAddress.TryParse(text, out IPAddress? parsed) && (isLiteral || text.Contains('.') || text.Contains(':')))
            address = parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
        return isLiteral;
    }

    private async ValueTask<SmtpReply> ResolveAsync(HookSession session, string name, CancellationToken cancellationToken)
    {
        if (IsPresent(await _dns!.LookupAAsync(name, cancellationToken).WithinAsync(_options.Timeout, _time))
            || IsPresent(await _dns.LookupAaaaAsync(name, cancellationToken).WithinAsync(_options.Timeout, _time))
            || IsPresent(await _dns.LookupMxAsync(name, cancellationToken).WithinAsync(_options.Timeout, _time)))
            return default;
        return session.Refuse(RefusalReason.HelloUnresolvable, NotFound);
    }

    // Unknown is not absent.
    private static bool IsPresent<T>(DnsAnswer<T> answer) => answer.Status is DnsStatus.Found or DnsStatus.Failed;
}
