using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Admin.Api;
using SlimtaFast.Admin.Health;
using SlimtaFast.Admin.Hosting;
using SlimtaFast.Admin.Live;
using SlimtaFast.Admin.Page;
using SlimtaFast.Admin.Requests;
using SlimtaFast.Queue;

namespace SlimtaFast.Admin;

/// <summary>
/// What operators and their tools ask by HTTP: a page at <c>/</c>, <c>/api/v1</c>, <c>/health/live</c>, <c>/health/ready</c>, and <c>/metrics</c> where there is
/// a <see cref="TelemetryExport"/> with Prometheus. docs/admin.md and docs/observability.md describe them. From when it is made it listens to the process's
/// instruments for the rates that it shows: make it before the server starts. Thread-safe.
/// </summary>
public sealed class AdminListener : IAsyncDisposable
{
    // Enough for a handful of operators and scrapers; whoever opens more waits.
    private const int MostConnections = 100;
    private const int MostBodyOctets = 64 * 1024;

    private readonly WebApplication _application;
    private readonly LiveFigures _figures;
    private ListenOptions? _bound;

    /// <summary>Makes a listener; <see cref="StartAsync"/> opens it.</summary>
    /// <param name="options">Where to listen and who may ask; throws <see cref="ArgumentException"/> for another than a loopback address without a token.</param>
    /// <param name="checks">The parts that have to be ready for <c>/health/ready</c> to say so.</param>
    /// <param name="telemetry">What <c>/metrics</c> shows, or null for no such page; stays the caller's.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="loggers">Where warnings of the web server go; null for nowhere.</param>
    /// <param name="desk">The queue that <c>/api/v1</c> is about, or null for rates only.</param>
    public AdminListener(
        AdminOptions options, IReadOnlyList<ReadinessCheck> checks, TelemetryExport? telemetry = null, TimeProvider? time = null, ILoggerFactory? loggers = null,
        QueueDesk? desk = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(checks);
        if (options.Token is null && !IPAddress.IsLoopback(options.Listen.Address))
            throw new ArgumentException("An admin listener on another than a loopback address needs a token.", nameof(options));
        if (options.Token is { Length: 0 })
            throw new ArgumentException("The token is empty.", nameof(options));
        _application = Build(options, loggers ?? NullLoggerFactory.Instance);
        time ??= TimeProvider.System;
        _figures = new LiveFigures(time, static meter => meter.Name.StartsWith("SlimtaFast.", StringComparison.Ordinal));
        // The web server finds the end point first, then these are asked, then the end point answers.
        _application.Use(AnswerSafety.PassAsync);
        _application.Use(new OriginCheck(options.HostNames).PassAsync);
        _application.Use(new TokenCheck(options.Token).PassAsync);
        HealthEndpoints.Map(_application, new Readiness(checks, options.ReadinessTimeout, time));
        telemetry?.MapMetrics(_application);
        PageEndpoints.Map(_application);
        new LiveApi(_figures, desk, time).Map(_application);
        if (desk is not null)
            new QueueApi(desk).Map(_application);
        _application.MapOpenApi("/api/v1/openapi.json");
    }

    /// <summary>The address in use, with the real port; null before <see cref="StartAsync"/>.</summary>
    public IPEndPoint? EndPoint => _bound?.IPEndPoint;

    /// <summary>Listens, or fails with <see cref="IOException"/> where the address is taken.</summary>
    public Task StartAsync(CancellationToken cancellationToken = default) => _application.StartAsync(cancellationToken);

    /// <summary>Stops accepting and lets requests that run finish, until <paramref name="giveUp"/> fires.</summary>
    public Task StopAsync(CancellationToken giveUp = default) => _application.StopAsync(giveUp);

    /// <summary>Cuts every connection and closes the listener.</summary>
    public ValueTask DisposeAsync()
    {
        _figures.Dispose();
        return _application.DisposeAsync();
    }

    private WebApplication Build(AdminOptions options, ILoggerFactory loggers)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddProvider(new SharedLoggers(loggers)).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddRoutingCore();
        builder.Services.ConfigureHttpJsonOptions(static json => ApiJson.Apply(json.SerializerOptions));
        builder.Services.AddOpenApi();
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
