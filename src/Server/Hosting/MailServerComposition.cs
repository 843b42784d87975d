using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SlimtaFast.Dns;
using SlimtaFast.Edge;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.Queue;
using SlimtaFast.Relay;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Server.Reloading;

namespace SlimtaFast.Server.Hosting;

/// <summary>
/// Makes the mail server's options and relay out of settings: at the start, and again when the settings change. Then what they do not concern goes on as it is, with
/// what it remembers. Not thread-safe.
/// </summary>
internal sealed class MailServerComposition(IServiceProvider services)
{
    private static readonly string[] HookKeys = ["Checks", "Spf", "AcceptDomain"];
    private static readonly string[] PolicyKeys = ["Policies", "Spf", "Trust"];

    private readonly TimeProvider _time = services.GetRequiredService<TimeProvider>();
    private readonly ILoggerFactory _loggers = services.GetRequiredService<ILoggerFactory>();
    private MailServerOptions? _current;

    /// <summary>The options of a server that starts.</summary>
    public MailServerOptions MakeFirst(ServeSettings settings) => _current = Make(
        settings, AuthComposition.Make(settings.Auth, services), MakeHooks(settings, null), MakePolicies(settings));

    /// <summary>The options of the server that runs, by other settings.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="keys">The keys that changed.</param>
    public MailServerOptions Change(ServeSettings settings, IReadOnlyList<string> keys)
    {
        MailServerOptions now = _current ?? throw new InvalidOperationException("No server was made yet.");
        bool Concerns(params string[] names) => keys.Any(key => ReloadScope.IsIn(key, names));
        SpfCheck? spf = Concerns("Spf") ? null : now.Edge.Hooks.OfType<SpfCheck>().FirstOrDefault();
        return Make(
            settings,
            Concerns("Auth") ? AuthComposition.Make(settings.Auth, services) : now.Edge.Auth,
            Concerns(HookKeys) ? MakeHooks(settings, spf) : now.Edge.Hooks,
            Concerns(PolicyKeys) ? MakePolicies(settings) : now.Policies);
    }

    /// <summary>Notes the options that the server goes by now.</summary>
    public void Accept(MailServerOptions options) => _current = options;

    /// <summary>The relay of the settings.</summary>
    public IRelay MakeRelay(ServeSettings settings, ITransport transport) => new RelayComposition(settings, transport, services).Make();

    private MailServerOptions Make(ServeSettings settings, EdgeAuthOptions? auth, IReadOnlyList<SessionHook> hooks, IReadOnlyList<IQueuePolicy>? policies) => new()
    {
        HostName = settings.HostName,
        Edge = new SmtpEdgeOptions
        {
            Listen = settings.Listen,
            Session = settings.Session with
            {
                Tls = services.GetService<TlsServerSettings>(),
                RequireTls = settings.Tls.Required,
                HandshakeTimeout = settings.Tls.HandshakeTimeout,
            },
            Auth = auth,
            Trust = settings.Trust,
            AcceptDomains = settings.AcceptDomain,
            ProxyProtocol = settings.ProxyProtocol,
            ProxyFrom = settings.ProxyFrom,
            ProxyTimeout = settings.ProxyTimeout,
            XclientFrom = settings.XclientFrom,
            MaxConnections = settings.MaxConnections,
            MaxConnectionsPerAddress = settings.MaxConnectionsPerAddress,
            Clients = settings.Clients,
            Load = settings.Load with { Directories = settings.QueueAddress.Kind != QueueKind.Local ? [settings.ScratchDirectory] : settings.Storage.Directories },
            Hooks = hooks,
            ContentThreshold = settings.ContentThreshold,
            ContentBudget = settings.ContentBudget,
        },
        Queue = settings.Queue,
        Proxy = settings.Proxy,
        Policies = policies,
        Transport = settings.Threads > 0 ? new TransportOptions { Reactors = settings.Threads } : new TransportOptions(),
        Time = _time,
        Loggers = _loggers,
        Meters = services.GetRequiredService<IMeterFactory>(),
        Events = services.GetRequiredService<EventOutlets>().Sink,
    };

    private IReadOnlyList<SessionHook> MakeHooks(ServeSettings settings, SpfCheck? spf) => CheckHooks.Make(
        settings, services.GetRequiredService<IDnsResolver>(), services.GetRequiredService<LookupSources>(), _time, _loggers, services.GetRequiredService<IMeterFactory>(), spf);

    private IReadOnlyList<IQueuePolicy>? MakePolicies(ServeSettings settings)
    {
        IReadOnlyList<IQueuePolicy>? configured = MakeConfigured(settings);
        return settings.Spf.Check == SpfSetting.Off
            ? configured
            : AuthenticationResultsPolicies.Around(configured ?? QueuePolicies.Standard(settings.HostName), settings.Spf.Options.ServerId, settings.Trust);
    }

    private IReadOnlyList<IQueuePolicy>? MakeConfigured(ServeSettings settings)
    {
        if (settings.Policies is null)
            return null;
        var sources = new PolicySources(settings.HostName, services.GetRequiredService<LookupSources>().Open, _time, _loggers);
        return [.. settings.Policies.Select(policy => policy.Make(sources))];
    }
}
