using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SlimtaFast.Admin;
using SlimtaFast.Edge;
using SlimtaFast.Edge.Http;

namespace SlimtaFast.Server.Hosting;

/// <summary>
/// Starts and gracefully stops the mail server with the host, and the HTTP edge and the admin listener where there are such; the container disposes them.
/// </summary>
internal sealed class MailService(
    IEnumerable<TelemetryExport> telemetry, MailServer server, IEnumerable<HttpEdge> http, IEnumerable<AdminListener> admin, IOptions<HostOptions> options, ILogger<MailService> log) : IHostedService
{
    // What is measured before somebody listens is lost: it is made first of all, which is why it is asked for here.
    private readonly TelemetryExport[] _telemetry = [.. telemetry];

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        ServerLog.Starting(log, _telemetry.Length > 0);
        // First, so that a start that takes long can be told from one that hangs.
        foreach (AdminListener listener in admin)
            await listener.StartAsync(cancellationToken);
        await server.StartAsync(cancellationToken);
        foreach (HttpEdge edge in http)
            await edge.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        ServerLog.Stopping(log, options.Value.ShutdownTimeout);
        // Both edges stop at once; the second call only waits for the rest of the other one's.
        await server.StopAsync(cancellationToken);
        foreach (HttpEdge edge in http)
            await edge.StopAsync(cancellationToken);
        foreach (AdminListener listener in admin)
            await listener.StopAsync(cancellationToken);
        ServerLog.Stopped(log);
    }
}
