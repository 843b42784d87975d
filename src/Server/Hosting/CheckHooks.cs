using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.Logging;
using SlimtaFast.Dns;
using SlimtaFast.Edge;
using SlimtaFast.MailAuth;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Hosting;

/// <summary>Makes the hooks that the configuration asks for, in the order in which they are asked.</summary>
internal static class CheckHooks
{
    /// <summary>The hooks; none where no check is configured, so that sessions do without.</summary>
    /// <param name="settings">What is checked.</param>
    /// <param name="dns">Answers questions.</param>
    /// <param name="lookups">Opens lists.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Makes loggers.</param>
    /// <param name="meters">Makes meters.</param>
    /// <param name="spf">The check of SPF that goes on, with whom it has greylisted; null for a new one.</param>
    public static IReadOnlyList<SessionHook> Make(ServeSettings settings, IDnsResolver dns, LookupSources lookups, TimeProvider time, ILoggerFactory loggers, IMeterFactory meters, SpfCheck? spf = null)
    {
        CheckSettings checks = settings.Checks;
        var hooks = new List<SessionHook>();
        // The lists are asked while the client waits for its greeting.
        if (checks.DnsLists.Count > 0)
            hooks.Add(new DnsListCheck(dns, MakeListOptions(checks), time));
        if (checks.ReverseName != ReverseNameSetting.Off)
            hooks.Add(new ReverseNameCheck(dns, RuleOf(checks.ReverseName), checks.DnsTimeout, time));
        if (checks.GreetingDelay > TimeSpan.Zero)
            hooks.Add(new GreetingDelay(checks.GreetingDelay, time));
        if (checks.Hello != HelloSetting.Off)
            hooks.Add(new HelloCheck(MakeHelloOptions(settings), dns, time));
        if (checks.Senders is not null)
            hooks.Add(new AddressListCheck(lookups.Open(checks.Senders), new AddressListOptions { Kind = AddressListKind.Sender }));
        if (checks.Recipients is not null)
            hooks.Add(new AddressListCheck(lookups.Open(checks.Recipients), new AddressListOptions { Kind = AddressListKind.Recipient, IsComplete = checks.RecipientsComplete }));
        // Behind the lists, which cost less: nobody's policy is looked up for a client that they refuse.
        if (settings.Spf.Check != SpfSetting.Off)
            hooks.Add(spf ?? new SpfCheck(new SpfEvaluator(dns, settings.Spf.Evaluation, time, meters), settings.Spf.Options, time, loggers.CreateLogger<SpfCheck>()));
        return hooks;
    }

    private static DnsListOptions MakeListOptions(CheckSettings checks) => new()
    {
        Lists = checks.DnsLists,
        Threshold = checks.DnsListThreshold,
        Reply = checks.DnsListReply,
        AtConnect = checks.DnsListAtConnect,
        Timeout = checks.DnsTimeout,
    };

    private static HelloCheckOptions MakeHelloOptions(ServeSettings settings) => new()
    {
        OwnNames = [settings.HostName, .. settings.AcceptDomain.Where(domain => !domain.StartsWith('.'))],
        OwnAddresses = [.. settings.Listen.Select(listener => listener.EndPoint).OfType<IPEndPoint>().Select(endPoint => endPoint.Address).Where(address => !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))],
        RequireResolvable = settings.Checks.Hello == HelloSetting.Resolvable,
        Timeout = settings.Checks.DnsTimeout,
    };

    private static ReverseNameRule RuleOf(ReverseNameSetting setting) => setting switch
    {
        ReverseNameSetting.Exists => ReverseNameRule.Exists,
        ReverseNameSetting.Confirmed => ReverseNameRule.Confirmed,
        _ => ReverseNameRule.Note,
    };
}
