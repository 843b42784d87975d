using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Admin.Health;
using SlimtaFast.Admin.Hosting;
using SlimtaFast.Admin.Requests;

namespace SlimtaFast.Admin;

/// <summary>
/// What operators and their tools ask by HTTP: <c>/health/live</c>, <c>/health/ready</c>, and <c>/metrics</c> where there is a
/// <see cref="TelemetryExport"/> with Prometheus. docs/observability.md describes them. Thread-safe.
/// </summary>
public sealed class AdminListener : IAsyncDisposable
{
    // Enough for a handful of operators and scrapers; whoever opens more waits.
    private const int MostConnections = 100;
    private const int MostBodyOctets = 64 * 1024;

    private readonly WebApplication _application;
    private ListenOptions? _bound;

    /// <summary>Makes a listener; <see cref="StartAsync"/> opens it.</summary>
    /// <param name="options">Where to listen and who may ask; throws <see cref="ArgumentException"/> for another than a loopback address without a token.</param>
    /// <param name="checks">The parts that have to be ready for <c>/health/ready</c> to say so.</param>
    /// <param name="telemetry">What <c>/metrics</c> shows, or null for no such page; stays the caller's.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="loggers">Where warnings of the web server go; null for nowhere.</param>
    public AdminListener(
        AdminOptions options, IReadOnlyList<ReadinessCheck> checks, TelemetryExport? telemetry = null, TimeProvider? time = null, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(checks);
        if (options.Token is null && !IPAddress.IsLoopback(options.Listen.Address))
            throw new ArgumentException("An admin listener on another than a loopback address needs a token.", nameof(options));
        if (options.Token is { Length: 0 })
            throw new ArgumentException("The token is empty.", nameof(options));
        _application = Build(options, loggers ?? NullLoggerFactory.Instance);
        // The web server finds the end point first, then these two are asked, then the end point answers.
        _application.Use(new OriginCheck(options.HostNames).PassAsync);
        _application.Use(new TokenCheck(options.Token).PassAsync);
        HealthEndpoints.Map(_application, new Readiness(checks, options.ReadinessTimeout, time ?? TimeProvider.System));
        telemetry?.MapMetrics(_application);
    }

    /// <summary>The address in use, with the real port; null before <see cref="StartAsync"/>.</summary>
    public IPEndPoint? EndPoint => _bound?.IPEndPoint;

    /// <summary>Listens, or fails with <see cref="IOException"/> where the address is taken.</summary>
    public Task StartAsync(CancellationToken cancellationToken = default) => _application.StartAsync(cancellationToken);

    /// <summary>Stops accepting and lets requests that run finish, until <paramref name="giveUp"/> fires.</summary>
    public Task StopAsync(CancellationToken giveUp = default) => _application.StopAsync(giveUp);

    /// <summary>Cuts every connection and closes the listener.</summary>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private WebApplication Build(AdminOptions options, ILoggerFactory loggers)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddProvider(new SharedLoggers(loggers)).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        // How long a stop waits is told by who stops.
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.AllowSynchronousIO = false;
            server.Limits.MaxConcurrentConnections = MostConnections;
            server.Limits.MaxRequestBodySize = MostBodyOctets;
            server.Listen(options.Listen, listening =>
            {
                listening.Protocols = HttpProtocols.Http1;
                _bound = listening;
            });
        });
        return builder.Build();
    }
}
