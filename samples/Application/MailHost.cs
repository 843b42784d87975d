using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SlimtaFast.Dns;
using SlimtaFast.Edge;
using SlimtaFast.Relay;
using SlimtaFast.Storage;

namespace Application;

/// <summary>Starts and stops the mail server with the application.</summary>
internal sealed partial class MailHost(IOptions<MailOptions> options, Tickets tickets, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    private readonly DnsClientResolver _dns = new(new DnsResolverOptions(), TimeProvider.System);
    private MailServer? _server;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        MailOptions mail = options.Value;
        _server = new MailServer(
            new DiskStorage(new DiskStorageOptions { Directory = mail.Directory }),
            transport => new RoutedRelay([new DomainRoute([mail.Domain], tickets)], new MxRelay(transport, _dns)),
            new MailServerOptions
            {
                HostName = $"mx.{mail.Domain}",
                Edge = new SmtpEdgeOptions { Listen = [new IPEndPoint(IPAddress.Loopback, mail.Port)], AcceptDomains = [mail.Domain] },
                Loggers = loggers,
            });
        await _server.StartAsync(cancellationToken);
        LogListening(loggers.CreateLogger<MailHost>(), _server.EndPoints[0]);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [LoggerMessage(1, LogLevel.Information, "listening on {EndPoint}")]
    private static partial void LogListening(ILogger logger, EndPoint endPoint);
}
