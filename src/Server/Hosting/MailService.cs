using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SlimtaFast.Edge;

namespace SlimtaFast.Server.Hosting;

/// <summary>Starts and gracefully stops the mail server with the host; the container disposes it.</summary>
internal sealed class MailService(MailServer server, IOptions<HostOptions> options, ILogger<MailService> log) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => server.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        ServerLog.Stopping(log, options.Value.ShutdownTimeout);
        await server.StopAsync(cancellationToken);
        ServerLog.Stopped(log);
    }
}
