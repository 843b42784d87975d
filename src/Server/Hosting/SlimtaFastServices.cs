using System.Diagnostics.Metrics;
using System.Net;
using System.Net.NetworkInformation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SlimtaFast.Dns;
using SlimtaFast.Edge;
using SlimtaFast.Edge.Http;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.Relay;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Storage;

namespace SlimtaFast.Server.Hosting;

/// <summary>The one place where the object graph of the server is put together.</summary>
internal static class SlimtaFastServices
{
    private const int MailPort = 25;

    /// <summary>Adds the mail server that the settings describe, and the hosted service that starts and stops it.</summary>
    public static IServiceCollection AddSlimtaFast(this IServiceCollection services, ServeSettings settings)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddMetrics();
        if (settings.Tls.Certificates.Count > 0)
            services.AddSingleton(provider => OpenTls(settings.Tls, provider));
        if (settings.DeliveryCertificate is { } own)
            services.AddSingleton(provider => OpenOwn(own, settings.Tls.ReloadInterval, provider));
        services.AddSingleton<IDnsResolver>(provider => new DnsClientResolver(new DnsResolverOptions(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new LookupSources(settings, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<LookupSources>>()));
        services.AddSingleton(provider => new MailServer(
            MakeStorage(settings.Storage, provider),
            transport => MakeRelay(settings, transport, provider),
            MakeOptions(settings, provider)));
        if (settings.Http.Listen.Count > 0)
            services.AddSingleton(provider => new HttpEdge(provider.GetRequiredService<MailServer>().Edge, settings.Http, provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IHostedService, MailService>();
        services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.StopTimeout);
        return services;
    }

    private static TlsServerSettings OpenTls(TlsSection section, IServiceProvider services) =>
        section.Open(services.GetRequiredService<TimeProvider>(), TellReloads(services))!;

    private static TlsCertificates OpenOwn(TlsCertificateFiles files, TimeSpan period, IServiceProvider services) =>
        new([files], services.GetRequiredService<TimeProvider>(), period, TellReloads(services));

    private static Action<TlsReload> TellReloads(IServiceProvider services)
    {
        ILogger log = services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(SlimtaFast) + "." + nameof(Server));
        return reload =>
        {
            if (reload.Failure is { } failure)
                ServerLog.CertificatesNotReloaded(log, failure.Message);
            else
                ServerLog.CertificatesReloaded(log, string.Join(", ", reload.Current.Select(c => $"{c.Subject} until {c.NotAfter:u}")));
        };
    }

    private static IQueueStorage MakeStorage(StorageAddress address, IServiceProvider services) => address switch
    {
        DiskStorageAddress disk => new DiskStorage(
            new DiskStorageOptions
            {
                Directory = disk.Directory,
                EnvDirectory = disk.EnvelopeDirectory,
                MetaDirectory = disk.MetaDirectory,
                TmpDirectory = disk.ScratchDirectory,
                Journal = disk.Journal,
                JournalMaxBytes = disk.JournalSize,
            },
            services.GetRequiredService<ILogger<DiskStorage>>()),
        _ => new MemoryStorage(),
    };

    private static IRelay MakeRelay(ServeSettings settings, ITransport transport, IServiceProvider services)
    {
        var time = services.GetRequiredService<TimeProvider>();
        SmtpClientOptions client = settings.Delivery.Client;
        client = client with { Tls = client.Tls with { Certificates = services.GetService<TlsCertificates>() } };
        SmtpRelayOptions delivery = settings.Delivery with { Client = client, ProxyProtocol = settings.Relay.ProxyProtocol };
        return settings.Relay switch
        {
            { Kind: RelayKind.Smtp, Server: { } server } => new StaticSmtpRelay(
                transport, server.Host, server.Port, delivery, null, time, services.GetRequiredService<ILogger<StaticSmtpRelay>>()),
            { Kind: RelayKind.Lmtp, Server: { } server } => new StaticSmtpRelay(
                transport, server.Host, server.Port, WithLmtp(delivery), null, time, services.GetRequiredService<ILogger<StaticSmtpRelay>>()),
            { Kind: RelayKind.Lmtp, Socket: { } socket } => new StaticSmtpRelay(
                transport, socket, WithLmtp(delivery), time, services.GetRequiredService<ILogger<StaticSmtpRelay>>()),
            { Kind: RelayKind.Http, Url: { } url } => new HttpRelay(
                url, MakeHttpOptions(settings, delivery), null, time, services.GetRequiredService<ILogger<HttpRelay>>()),
            { Kind: RelayKind.Mx } => new MxRelay(
                transport,
                services.GetRequiredService<IDnsResolver>(),
                new MxRelayOptions { Smtp = delivery, OwnAddresses = OwnAddresses(settings) },
                time,
                null,
                services.GetRequiredService<ILogger<MxRelay>>()),
            _ => new BlackholeRelay(),
        };
    }

    private static HttpRelayOptions MakeHttpOptions(ServeSettings settings, SmtpRelayOptions delivery) => settings.HttpDelivery with
    {
        HelloName = delivery.Client.HelloName,
        Credentials = delivery.Client.Credentials,
        Tls = new TlsClientSettings
        {
            Verify = delivery.Client.Tls.Policy == SmtpTlsPolicy.Verified,
            Authorities = delivery.Client.Tls.Authorities,
            Certificates = delivery.Client.Tls.Certificates,
        },
        ConnectTimeout = delivery.ConnectTimeout,
        IdleTimeout = delivery.IdleTimeout,
        SourceAddress = delivery.SourceAddress,
        // The queue makes no more attempts at once, so that none waits for a connection.
        MaxConnections = settings.Queue.HopMaxAttempts,
    };

    private static SmtpRelayOptions WithLmtp(SmtpRelayOptions delivery) => delivery with { Client = delivery.Client with { Lmtp = true } };

    private static MailServerOptions MakeOptions(ServeSettings settings, IServiceProvider services) => new()
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
            Auth = AuthComposition.Make(settings.Auth, services),
            Trust = settings.Trust,
            AcceptDomains = settings.AcceptDomain,
            ProxyProtocol = settings.ProxyProtocol,
            ProxyFrom = settings.ProxyFrom,
            ProxyTimeout = settings.ProxyTimeout,
            XclientFrom = settings.XclientFrom,
            MaxConnections = settings.MaxConnections,
            MaxConnectionsPerAddress = settings.MaxConnectionsPerAddress,
            Clients = settings.Clients,
            Load = settings.Load with { Directories = settings.Storage.Directories },
            Hooks = CheckHooks.Make(
                settings,
                services.GetRequiredService<IDnsResolver>(),
                services.GetRequiredService<LookupSources>(),
                services.GetRequiredService<TimeProvider>()),
            ContentThreshold = settings.ContentThreshold,
            ContentBudget = settings.ContentBudget,
        },
        Queue = settings.Queue,
        Transport = settings.Threads > 0 ? new TransportOptions { Reactors = settings.Threads } : new TransportOptions(),
        Time = services.GetRequiredService<TimeProvider>(),
        Loggers = services.GetRequiredService<ILoggerFactory>(),
        Meters = services.GetRequiredService<IMeterFactory>(),
    };

    // An exchanger that is this server itself must not be delivered to (RFC 5321 section 5.1): it is where it listens on the mail port.
    private static HashSet<IPAddress> OwnAddresses(ServeSettings settings)
    {
        var own = new HashSet<IPAddress>();
        foreach (IPEndPoint endPoint in settings.Listen.Select(l => l.EndPoint).OfType<IPEndPoint>().Where(e => e.Port == MailPort))
        {
            if (endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any))
                own.UnionWith(NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address));
            else
                own.Add(endPoint.Address);
        }

        return own;
    }
}
