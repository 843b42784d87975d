using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SlimtaFast.Edge;
using SlimtaFast.Queue;
using SlimtaFast.Storage;

namespace SlimtaFast.Server.Hosting;

/// <summary>Starts storage, queue and edge in this order, and stops edge and queue gracefully; the container disposes them all.</summary>
internal sealed class MailService(IQueueStorage storage, MailQueue queue, SmtpEdge edge, IOptions<HostOptions> options, ILogger<MailService> log) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await storage.StartAsync(cancellationToken);
        await queue.StartAsync(cancellationToken);
        edge.Start();
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        ServerLog.Stopping(log, options.Value.ShutdownTimeout);
        await edge.StopAsync(cancellationToken);
        await queue.StopAsync(cancellationToken);
        ServerLog.Stopped(log);
    }
}
