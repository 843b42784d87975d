using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using SlimtaFast.Admin;
using SlimtaFast.Dns;
using SlimtaFast.Edge;
using SlimtaFast.Edge.Http;
using SlimtaFast.MailAuth;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.Queue;
using SlimtaFast.Queue.RabbitMq;
using SlimtaFast.Relay;

namespace SlimtaFast.Server.Configuration;

/// <summary>
/// Everything <c>serve</c> can be told. Each property is a key of <c>slimtafast.json</c>, of the environment (<c>SLIMTAFAST__KEY</c>) and,
/// where it has one, an option of the command line. Immutable.
/// </summary>
internal sealed record ServeSettings
{
    /// <summary>
    /// Where to listen: a list of <c>[smtp://]ADDR:PORT</c>, <c>smtps://ADDR:PORT</c>, <c>lmtp://ADDR:PORT</c> and
    /// <c>lmtp+unix:PATH?mode=OCTAL</c>. Default <c>127.0.0.1:2525</c>.
    /// </summary>
    public IReadOnlyList<EdgeListener> Listen { get; private init; } = [new IPEndPoint(IPAddress.Loopback, 2525)];

    /// <summary>Where to listen for mail over HTTP: <c>http://ADDR:PORT/PATH</c> and <c>https://ADDR:PORT/PATH</c> in <c>Listen</c>, and section <c>Http</c>.</summary>
    public HttpEdgeOptions Http { get; private init; } = new();

    /// <summary>The server's certificates and what it asks of clients: section <c>Tls</c>.</summary>
    public TlsSection Tls { get; private init; } = new();

    /// <summary>Whether connections from <c>ProxyFrom</c> start with a PROXY header: <c>off</c>, <c>optional</c> or <c>required</c>. Default <c>off</c>.</summary>
    public ProxyProtocolUse ProxyProtocol { get; private init; }

    /// <summary>Networks of the proxies that may send a PROXY header. Default: none.</summary>
    public IReadOnlyList<IPNetwork> ProxyFrom { get; private init; } = [];

    /// <summary>How long a PROXY header may take: a duration. Default <c>5s</c>.</summary>
    public TimeSpan ProxyTimeout { get; private init; }

    /// <summary>Networks of clients that may use XCLIENT and XFORWARD. Default: none.</summary>
    public IReadOnlyList<IPNetwork> XclientFrom { get; private init; } = [];

    /// <summary>The name in greetings, Received fields and bounces. Default: the machine's host name.</summary>
    public string HostName { get; private init; } = "";

    /// <summary>Where queued mail is kept: <c>disk:DIR</c> or <c>memory:</c>. Default <c>disk:./spool</c>.</summary>
    public StorageAddress Storage { get; private init; } = StorageAddress.Parse(DefaultStorage);

    /// <summary>Where it goes: <c>mx:</c>, <c>smtp://HOST:PORT</c>, <c>lmtp://HOST:PORT</c>, <c>lmtp+unix:PATH</c>, <c>http://HOST:PORT/PATH</c>, <c>https://HOST/PATH</c>, <c>pipe:COMMAND ARGS</c>, <c>maildrop:</c>, <c>dovecot-lda:</c>, <c>blackhole:</c> or <c>hold:</c>. Default <c>mx:</c>.</summary>
    public RelayAddress Relay { get; private init; } = new(RelayKind.Mx);

    /// <summary>
    /// When and how often attempts are made: the keys <c>Retry</c> (a comma-separated list of delays, default
    /// <c>1m,5m,15m,30m,1h,2h,4h,6h,...</c>) and <c>MaxAge</c> (a duration, default <c>5d</c>), and section <c>Queue</c>.
    /// </summary>
    public MailQueueOptions Queue { get; private init; } = new();

    /// <summary>
    /// Who takes the mail: <c>local</c> stores it, <c>proxy</c> relays it while the client waits, <c>amqp://HOST</c> leaves it to workers; key <c>Queue:Address</c>. Default <c>local</c>.
    /// </summary>
    public QueueAddress QueueAddress { get; private init; } = new(QueueKind.Local);

    /// <summary>How the broker of a queue <c>amqp://...</c> is used: section <c>Broker</c>.</summary>
    public BrokerSettings Broker { get; private init; } = new(new RabbitMqOptions { Nodes = [] }, null, null);

    /// <summary>What a queue that stores nothing goes by: in section <c>Queue</c>.</summary>
    public ProxyQueueOptions Proxy { get; private init; } = new();

    /// <summary>
    /// Where a queue that stores nothing keeps large messages meanwhile; key <c>Queue:ScratchDirectory</c>. Default: the system's temporary folder.
    /// </summary>
    public string ScratchDirectory { get; private init; } = "";

    /// <summary>
    /// The dialogue with clients: the keys <c>MaxMessageSize</c> (octets, 0 for no limit, default 52428800) and <c>MaxRecipients</c> (of one
    /// message, default 1000), and section <c>Session</c>.
    /// </summary>
    public SmtpServerOptions Session { get; private init; } = new();

    /// <summary>How clients authenticate: section <c>Auth</c>.</summary>
    public AuthSettings Auth { get; private init; } = new();

    /// <summary>The dialogue with next hops: section <c>Delivery</c>.</summary>
    public SmtpRelayOptions Delivery { get; private init; } = new();

    /// <summary>How mail exchangers are found: keys <c>Delivery:MxPort</c> and <c>Delivery:RefuseLoopback</c>.</summary>
    public MxRelayOptions Mx { get; private init; } = new();

    /// <summary>Domains whose mail goes another way, each with what is different there: section <c>Routes</c>. Default: none.</summary>
    public IReadOnlyList<RouteSettings> Routes { get; private init; } = [];

    /// <summary>Where the relays of other domains are looked up: key <c>RouteLookup</c>; null for nowhere.</summary>
    public LookupAddress? RouteLookup { get; private init; }

    /// <summary>How names are looked up: section <c>Dns</c>.</summary>
    public DnsResolverOptions Dns { get; private init; } = new();

    /// <summary>How programs that take mail are run: section <c>Pipe</c>.</summary>
    public PipeSettings Pipe { get; private init; } = PipeSettings.None;

    /// <summary>The exchange with the next hop of an <c>http:</c> or <c>https:</c> relay, where it has keys of its own in section <c>Delivery</c>.</summary>
    public HttpRelayOptions HttpDelivery { get; private init; } = new();

    /// <summary>Our own certificate for next hops that ask, as <c>Delivery:TlsCertificate</c> and the keys beside it name it; null for none.</summary>
    public TlsCertificateFiles? DeliveryCertificate { get; private init; }

    /// <summary>Most connections at once; 0 for no limit. Default 20000.</summary>
    public int MaxConnections { get; private init; }

    /// <summary>Most connections at once from one address; 0 for no limit. Default 0.</summary>
    public int MaxConnectionsPerAddress { get; private init; }

    /// <summary>What one client may do: section <c>Clients</c>.</summary>
    public ClientLimits Clients { get; private init; } = new();

    /// <summary>From when on no more mail is taken: section <c>Load</c>.</summary>
    public LoadLimits Load { get; private init; } = new();

    /// <summary>What clients, senders and recipients are checked for: section <c>Checks</c>.</summary>
    public CheckSettings Checks { get; private init; } = new();

    /// <summary>How senders' domains are asked whom they let send: section <c>Spf</c>.</summary>
    public SpfSettings Spf { get; private init; } = new(SpfSetting.Off, new SpfCheckOptions { ServerId = "" }, new SpfOptions());

    /// <summary>What is done with each message before it is stored: section <c>Policies</c>; null for Date, Message-ID and Received.</summary>
    public IReadOnlyList<PolicySettings>? Policies { get; private init; }

    /// <summary>Who this server is for the databases that lists are kept in: section <c>Redis</c>.</summary>
    public LookupSecrets LookupSecrets { get; private init; } = new();

    /// <summary>Who this server is for a storage in a cloud: sections <c>Aws</c> and <c>OpenStack</c>.</summary>
    public CloudSecrets CloudSecrets { get; private init; } = new();

    /// <summary>Domains that everybody may send to; a leading dot means the subdomains. Default: none.</summary>
    public IReadOnlyList<string> AcceptDomain { get; private init; } = [];

    /// <summary>Client networks that may send to any domain. Default <c>127.0.0.0/8</c> and <c>::1/128</c>.</summary>
    public IReadOnlyList<IPNetwork> Trust { get; private init; } = [];

    /// <summary>Octets of one message that wait in memory while it is received; the rest goes to the storage. Default 262144.</summary>
    public int ContentThreshold { get; private init; }

    /// <summary>Octets that all messages in memory may take together. Default 67108864.</summary>
    public long ContentBudget { get; private init; }

    /// <summary>Threads that serve connections; 0 for one per processor. Default 0.</summary>
    public int Threads { get; private init; }

    /// <summary>How long a stop waits for running transactions: a duration. Default <c>30s</c>.</summary>
    public TimeSpan StopTimeout { get; private init; }

    /// <summary>Whether the configuration is read again when its file has changed, and not only on SIGHUP. Default false.</summary>
    public bool ReloadOnChange { get; private init; }

    /// <summary>What log lines on standard error look like: <c>line</c> or <c>json</c>. Default <c>line</c>.</summary>
    public LogFormat LogFormat { get; private init; }

    /// <summary>The listener for health, metrics and operators: section <c>Admin</c>; null for none.</summary>
    public AdminOptions? Admin { get; private init; }

    /// <summary>Where it is told what becomes of mail: section <c>Events</c>.</summary>
    public EventSettings Events { get; private init; } = new(null, null);

    /// <summary>The collector that metrics and traces are sent to: section <c>Telemetry</c>; null for none.</summary>
    public OtlpOptions? Otlp { get; private init; }

    private bool IsRelayGiven { get; init; }

    private const string LoggingSection = "Logging";

    private const string DefaultStorage = "disk:./spool";

    private const string DefaultRetry = "1m,5m,15m,30m,1h,2h,4h,6h,...";

    /// <summary>Reads the settings, and tells every mistake that is in them.</summary>
    public static ServeSettings Read(IConfigurationRoot configuration, out IReadOnlyList<string> errors)
    {
        var reader = new SettingsReader(configuration);
        ServeSettings settings = Read(reader);
        reader.RefuseUnknownKeys(LoggingSection);
        if (reader.Errors.Count == 0)
        {
            new PipeSection(reader).Try(settings.Pipe, settings.Relay);
            foreach (RouteSettings route in settings.Routes)
                new PipeSection(reader, route.Section).Try(route.Pipe, route.Relay);
        }

        if (settings.ProxyProtocol != ProxyProtocolUse.Off && settings.ProxyFrom.Count == 0)
            reader.Refuse(nameof(ProxyFrom), $"must name the proxies where {nameof(ProxyProtocol)} is on");
        if (settings.ProxyProtocol == ProxyProtocolUse.Off && settings.ProxyFrom.Count > 0)
            reader.Refuse(nameof(ProxyProtocol), $"is off although {nameof(ProxyFrom)} names proxies; set it to optional or required");
        foreach ((string key, string? level) in configuration.AsEnumerable())
        {
            if (level is not null && IsLevel(key) && !Enum.GetNames<LogLevel>().Contains(level, StringComparer.OrdinalIgnoreCase))
                reader.Refuse(key, $"'{level}' is none of {string.Join(", ", Enum.GetNames<LogLevel>())}");
        }

        errors = reader.Errors;
        return settings;
    }

    /// <summary>The settings of a server: in front of a broker it only receives, unless it is told where to relay to.</summary>
    public ServeSettings ForServe() =>
        QueueAddress.Kind == QueueKind.Broker && !IsRelayGiven ? this with { Relay = new RelayAddress(RelayKind.Hold), Queue = Queue with { Hold = true } } : this;

    /// <summary>The settings of a process that only delivers what others put into the storage, or the broker's queues, that they share.</summary>
    /// <exception cref="UsageException">The storage is not such a one, or nothing is delivered.</exception>
    public ServeSettings ForWork()
    {
        if (QueueAddress.Kind == QueueKind.Proxy)
            throw new UsageException("Queue:Address: a worker has nothing to do for a queue that stores nothing");
        if (QueueAddress.Kind == QueueKind.Local && !Storage.IsShared)
            throw new UsageException($"{nameof(Storage)}: a worker needs a storage that processes share, such as redis://HOST, or --queue amqp://HOST");
        if (Relay.Kind == RelayKind.Hold)
            throw new UsageException($"{nameof(Relay)}: a worker that holds everything has nothing to do");
        return this with { Listen = [], Http = Http with { Listen = [] } };
    }

    /// <summary>Reads every key there is.</summary>
    public static ServeSettings Read(SettingsReader reader)
    {
        TimeSpan maxAge = reader.Duration("MaxAge", RetrySchedule.Default.MaxAge);
        RetrySchedule retry = reader.Parsed("Retry", DefaultRetry, text => ParseRetry(text, maxAge));
        RelayAddress relay = reader.Parsed(nameof(Relay), "mx:", RelayAddress.Parse);
        string hostName = reader.Parsed(nameof(HostName), OwnName(), HostNameText.Parse);
        PipeSettings pipe = new PipeSection(reader).Read(relay, new PipeProcessOptions());
        IReadOnlyList<ListenAddress> listen = reader.List(nameof(Listen), [new ListenAddress(new IPEndPoint(IPAddress.Loopback, 2525), null)], ListenAddress.Parse);
        TlsSection tls = TlsSection.Read(reader);
        SmtpRelayOptions delivery = DeliverySection.Read(reader, hostName, relay);
        MailQueueOptions queue = QueueSection.Read(reader, retry, relay, pipe);
        QueueAddress address = QueueSection.ReadAddress(reader, relay);
        BrokerSettings broker = BrokerSection.Read(reader, address, maxAge);
        if (address.Kind == QueueKind.Broker)
            queue = BrokerSection.Fit(queue, broker.Options);
        if (tls.Certificates.Count == 0 && listen.Any(l => l.Mail is { ImplicitTls: true } || l.Http is { IsSecure: true }))
            reader.Refuse(nameof(Listen), "a listener by smtps: or https: needs Tls:Certificate");
        return new ServeSettings
        {
            Listen = [.. listen.Select(l => l.Mail).OfType<EdgeListener>()],
            Http = HttpSection.Read(reader, [.. listen.Select(l => l.Http).OfType<HttpEdgeListener>()]),
            Tls = tls,
            ProxyProtocol = reader.Choice(nameof(ProxyProtocol), ProxyProtocolUse.Off),
            ProxyFrom = reader.List(nameof(ProxyFrom), [], TrustedNetwork.Parse),
            ProxyTimeout = reader.Duration(nameof(ProxyTimeout), TimeSpan.FromSeconds(5)),
            XclientFrom = reader.List(nameof(XclientFrom), [], TrustedNetwork.Parse),
            HostName = hostName,
            Storage = reader.Parsed(nameof(Storage), DefaultStorage, StorageAddress.Parse),
            Relay = relay,
            Queue = queue,
            QueueAddress = address,
            Broker = broker,
            IsRelayGiven = reader.Text(nameof(Relay), "").Length > 0,
            Proxy = QueueSection.ReadProxy(reader, queue),
            ScratchDirectory = QueueSection.ReadScratchDirectory(reader),
            Session = SessionSection.Read(reader, BrokerSection.ReadMaxMessageSize(reader, address, broker, 52_428_800), reader.Number("MaxRecipients", 1000, 100, 1_000_000)),
            Auth = AuthSection.Read(reader),
            Pipe = pipe,
            Delivery = delivery,
            HttpDelivery = DeliverySection.ReadHttp(reader),
            Mx = DeliverySection.ReadMx(reader, delivery),
            Routes = RoutesSection.Read(reader, delivery, pipe.Process),
            RouteLookup = RoutesSection.ReadLookup(reader),
            Dns = DnsSection.Read(reader),
            DeliveryCertificate = DeliverySection.ReadCertificate(reader),
            MaxConnections = reader.Number(nameof(MaxConnections), 20_000, 0, 1_000_000),
            MaxConnectionsPerAddress = reader.Number(nameof(MaxConnectionsPerAddress), 0, 0, 1_000_000),
            Clients = ClientsSection.Read(reader),
            Load = LoadSection.Read(reader),
            Checks = ChecksSection.Read(reader),
            Spf = SpfSection.Read(reader, hostName),
            Policies = PoliciesSection.Read(reader),
            LookupSecrets = LookupSecrets.Read(reader),
            CloudSecrets = CloudSecrets.Read(reader),
            AcceptDomain = reader.List(nameof(AcceptDomain), [], AcceptedDomain.Parse),
            Trust = reader.List(nameof(Trust), RelayPermission.Loopback, TrustedNetwork.Parse),
            ContentThreshold = (int)Math.Min(reader.Size(nameof(ContentThreshold), 256 * 1024), int.MaxValue),
            ContentBudget = reader.Size(nameof(ContentBudget), 64 * 1024 * 1024),
            Threads = reader.Number(nameof(Threads), 0, 0, 1024),
            StopTimeout = reader.Duration(nameof(StopTimeout), TimeSpan.FromSeconds(30)),
            ReloadOnChange = reader.Truth(nameof(ReloadOnChange), false),
            LogFormat = reader.Choice(nameof(LogFormat), LogFormat.Line),
            Admin = AdminSection.Read(reader),
            Otlp = TelemetrySection.Read(reader),
            Events = EventsSection.Read(reader),
        };
    }

    private static RetrySchedule ParseRetry(string text, TimeSpan maxAge) =>
        RetrySchedule.TryParse(text, maxAge, out RetrySchedule? schedule, out string? error)
            ? schedule
            : throw new FormatException($"'{text}': {error}; the list is like 1m,5m,1h, with ... at its end to repeat the last delay");

    private static bool IsLevel(string key) =>
        key.StartsWith(LoggingSection + ConfigurationPath.KeyDelimiter, StringComparison.OrdinalIgnoreCase)
        && key.Contains(ConfigurationPath.KeyDelimiter + "LogLevel" + ConfigurationPath.KeyDelimiter, StringComparison.OrdinalIgnoreCase);

    // A machine's name need not be a host name: underscores, say.
    private static string OwnName() => Uri.CheckHostName(Environment.MachineName) == UriHostNameType.Dns ? Environment.MachineName : "localhost";
}
