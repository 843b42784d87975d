using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SlimtaFast.Admin;
using SlimtaFast.Dns;
using SlimtaFast.Edge;
using SlimtaFast.Edge.Http;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.Queue;
using SlimtaFast.Queue.RabbitMq;
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
        if (settings.Tls.Certificates.Count > 0)
            services.AddSingleton(provider => OpenTls(settings.Tls, provider));
        services.AddSingleton(provider => new DeliveryCertificates(settings.Tls.ReloadInterval, provider.GetRequiredService<TimeProvider>(), TellReloads(provider)));
        if (settings.Broker.Contents is { } contents)
            services.AddSingleton(provider => ContentsOpening.Open(contents, settings, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IDnsResolver>(provider => new DnsClientResolver(settings.Dns, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new LookupSources(settings, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<LookupSources>>()));
        services.AddSingleton(provider => new MailServerComposition(provider));
        services.AddSingleton(provider => MakeServer(settings, provider));
        if (settings.Http.Listen.Count > 0)
            services.AddSingleton(provider => new HttpEdge(provider.GetRequiredService<MailServer>().Edge, settings.Http, provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(provider => new EventOutlets(settings.Events, provider));
        if (settings.Admin is not null || settings.Otlp is not null)
            services.AddSingleton(provider => new TelemetryExport(
                new TelemetryOptions { Instance = settings.HostName, Version = Version, Prometheus = settings.Admin is not null, Otlp = settings.Otlp },
                provider.GetRequiredService<ILoggerFactory>()));
        if (settings.Admin is { } admin)
            services.AddSingleton(provider => new AdminListener(
                admin,
                ReadinessChecks.Of(provider.GetRequiredService<MailServer>(), [.. provider.GetServices<HttpEdge>()], settings.Listen.Count + settings.Http.Listen.Count),
                provider.GetRequiredService<TelemetryExport>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILoggerFactory>(),
                (provider.GetRequiredService<MailServer>().Queue as MailQueue)?.Desk));
        services.AddSingleton<IHostedService, MailService>();
        services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.StopTimeout);
        return services;
    }

    private static MailServer MakeServer(ServeSettings settings, IServiceProvider services)
    {
        var composition = services.GetRequiredService<MailServerComposition>();
        return settings.QueueAddress.Kind == QueueKind.Proxy
            ? new MailServer(OpenScratch(settings.ScratchDirectory), transport => composition.MakeRelay(settings, transport), composition.MakeFirst(settings))
            : new MailServer(MakeStorage(settings, services), transport => composition.MakeRelay(settings, transport), composition.MakeFirst(settings));
    }

    private static string Version => typeof(SlimtaFastServices).Assembly.GetName().Version?.ToString(3) ?? "";

    private static TlsServerSettings OpenTls(TlsSection section, IServiceProvider services) =>
        section.Open(services.GetRequiredService<TimeProvider>(), TellReloads(services))!;

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

    private static ScratchContents OpenScratch(string directory)
    {
        try
        {
            return new ScratchContents(directory);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"Queue:ScratchDirectory: {trouble.Message}");
        }
    }

    private static IQueueStorage MakeStorage(ServeSettings settings, IServiceProvider services) => settings.QueueAddress.Kind == QueueKind.Broker
        ? MakeBroker(settings, services)
        : StorageOpening.Open(settings.Storage, settings, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILoggerFactory>());

    private static RabbitMqStorage MakeBroker(ServeSettings settings, IServiceProvider services)
    {
        TlsCertificates? certificates = services.GetRequiredService<DeliveryCertificates>().Open(settings.Broker.Certificate);
        try
        {
            return new RabbitMqStorage(
                settings.Broker.Options with
                {
                    Contents = services.GetService<IContentStore>(),
                    Certificate = certificates is null ? null : () => certificates.Current[0],
                    ScratchDirectory = settings.ScratchDirectory,
                },
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<RabbitMqStorage>>());
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"Queue:ScratchDirectory: {trouble.Message}");
        }
    }
}
