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
    /// <summary>Adds the mail server that the settings describe, and the hosted service that starts and stops it.</summary>
    public static IServiceCollection AddSlimtaFast(this IServiceCollection services, ServeSettings settings)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton(provider => new MailServer(
            MakeStorage(settings.Storage, provider),
            transport => MakeRelay(settings, transport, provider),
            MakeOptions(settings, provider)));
        services.AddSingleton<IHostedService, MailService>();
        services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.StopTimeout);
        return services;
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
        var options = new SmtpRelayOptions { Client = new SmtpClientOptions { HelloName = settings.HostName } };
        return settings.Relay switch
        {
            { Kind: RelayKind.Smtp, Server: { } server } => new StaticSmtpRelay(
                transport, server.Host, server.Port, options, null, time, services.GetRequiredService<ILogger<StaticSmtpRelay>>()),
            { Kind: RelayKind.Mx } => new MxRelay(
                transport,
                new DnsClientResolver(new DnsResolverOptions(), time),
                new MxRelayOptions { Smtp = options },
                time,
                null,
                services.GetRequiredService<ILogger<MxRelay>>()),
            _ => new BlackholeRelay(),
        };
    }

    private static MailServerOptions MakeOptions(ServeSettings settings, IServiceProvider services) => new()
    {
        HostName = settings.HostName,
        Edge = new SmtpEdgeOptions
        {
            Listen = settings.Listen,
            Session = new SmtpServerOptions { MaxMessageSize = settings.MaxMessageSize, MaxRecipients = settings.MaxRecipients },
            Trust = settings.Trust,
            AcceptDomains = settings.AcceptDomain,
            MaxConnections = settings.MaxConnections,
            MaxConnectionsPerAddress = settings.MaxConnectionsPerAddress,
            ContentThreshold = settings.ContentThreshold,
            ContentBudget = settings.ContentBudget,
        },
        Queue = MakeQueueOptions(settings),
        Transport = settings.Threads > 0 ? new TransportOptions { Reactors = settings.Threads } : new TransportOptions(),
        Time = services.GetRequiredService<TimeProvider>(),
        Loggers = services.GetRequiredService<ILoggerFactory>(),
        Meters = services.GetRequiredService<IMeterFactory>(),
    };

    private static MailQueueOptions MakeQueueOptions(ServeSettings settings)
    {
        var options = new MailQueueOptions { Retry = settings.Retry, Hold = settings.Relay.Kind == RelayKind.Hold };
        return settings.Relay.Connections is not { } connections ? options : options with
        {
            HopInitialAttempts = Math.Min(options.HopInitialAttempts, connections),
            HopMaxAttempts = connections,
            MaxAttempts = Math.Max(options.MaxAttempts, connections),
        };
    }
}
