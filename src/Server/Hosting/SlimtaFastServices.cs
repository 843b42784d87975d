using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SlimtaFast.Dns;
using SlimtaFast.Edge;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Queue;
using SlimtaFast.Relay;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Storage;

namespace SlimtaFast.Server.Hosting;

/// <summary>The one place where the object graph of the server is put together.</summary>
internal static class SlimtaFastServices
{
    /// <summary>
    /// Adds the whole server: transport, storage, relay, queue and edge, and the hosted service that starts and stops them in order.
    /// The container disposes them in the reverse order of their making: the edge first, the transport and the storage last.
    /// </summary>
    public static IServiceCollection AddSlimtaFast(this IServiceCollection services, ServeSettings settings)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton(provider => MakeStorage(settings, provider));
        services.AddSingleton(provider => MakeTransport(settings, provider));
        services.AddSingleton<IDnsResolver>(provider => new DnsClientResolver(new DnsResolverOptions(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => MakeRelay(settings, provider));
        services.AddSingleton(provider => MakeQueue(settings, provider));
        services.AddSingleton(provider => MakeEdge(settings, provider));
        services.AddSingleton<IHostedService, MailService>();
        services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.StopTimeout);
        return services;
    }

    private static IQueueStorage MakeStorage(ServeSettings settings, IServiceProvider services) => settings.Storage switch
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

    private static ITransport MakeTransport(ServeSettings settings, IServiceProvider services)
    {
        ILogger log = services.GetRequiredService<ILoggerFactory>().CreateLogger<ITransport>();
        var options = new TransportOptions { UnobservedFault = fault => ServerLog.UnobservedFault(log, fault) };
        if (settings.Threads > 0)
            options = options with { Reactors = settings.Threads };
        return Transports.Create(options, services.GetRequiredService<TimeProvider>());
    }

    private static IRelay MakeRelay(ServeSettings settings, IServiceProvider services)
    {
        var transport = services.GetRequiredService<ITransport>();
        var time = services.GetRequiredService<TimeProvider>();
        var options = new SmtpRelayOptions { Client = new SmtpClientOptions { HelloName = settings.HostName } };
        return settings.Relay switch
        {
            { Kind: RelayKind.Smtp, Server: { } server } => new StaticSmtpRelay(
                transport, server.Host, server.Port, options, null, time, services.GetRequiredService<ILogger<StaticSmtpRelay>>()),
            { Kind: RelayKind.Mx } => new MxRelay(
                transport,
                services.GetRequiredService<IDnsResolver>(),
                new MxRelayOptions { Smtp = options },
                time,
                null,
                services.GetRequiredService<ILogger<MxRelay>>()),
            _ => new BlackholeRelay(),
        };
    }

    private static MailQueue MakeQueue(ServeSettings settings, IServiceProvider services)
    {
        var options = new MailQueueOptions { HostName = settings.HostName, Retry = settings.Retry, Hold = settings.Relay.Kind == RelayKind.Hold };
        if (settings.Relay.Connections is { } connections)
        {
            options = options with
            {
                HopInitialAttempts = Math.Min(options.HopInitialAttempts, connections),
                HopMaxAttempts = connections,
                MaxAttempts = Math.Max(options.MaxAttempts, connections),
            };
        }

        return new MailQueue(
            services.GetRequiredService<IQueueStorage>(),
            services.GetRequiredService<IRelay>(),
            options,
            QueuePolicies.Standard(settings.HostName),
            new QueueEnvironment
            {
                Time = services.GetRequiredService<TimeProvider>(),
                Logger = services.GetRequiredService<ILogger<MailQueue>>(),
                Meters = services.GetRequiredService<IMeterFactory>(),
                Threads = services.GetRequiredService<ITransport>().Threads,
            });
    }

    private static SmtpEdge MakeEdge(ServeSettings settings, IServiceProvider services) => new(
        services.GetRequiredService<MailQueue>(),
        services.GetRequiredService<ITransport>(),
        new SmtpEdgeOptions
        {
            Listen = settings.Listen,
            Session = new SmtpServerOptions
            {
                HostName = settings.HostName,
                MaxMessageSize = settings.MaxMessageSize,
                MaxRecipients = settings.MaxRecipients,
            },
            Trust = settings.Trust,
            AcceptDomains = settings.AcceptDomain,
            MaxConnections = settings.MaxConnections,
            MaxConnectionsPerAddress = settings.MaxConnectionsPerAddress,
            ContentThreshold = settings.ContentThreshold,
            ContentBudget = settings.ContentBudget,
        },
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILoggerFactory>(),
        services.GetRequiredService<IMeterFactory>());
}
