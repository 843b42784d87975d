using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SlimtaFast.Edge;
using SlimtaFast.Edge.Http;

namespace SlimtaFast.Server.Hosting;

/// <summary>Starts and gracefully stops the mail server, and the HTTP edge where there is one, with the host; the container disposes them.</summary>
internal sealed class MailService(MailServer server, IEnumerable<HttpEdge> http, IOptions<HostOptions> options, ILogger<MailService> log) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
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
        ServerLog.Stopped(log);
    }
}
