using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Edge.Http.Hosting;
using SlimtaFast.Edge.Http.Requests;
using SlimtaFast.Edge.Sessions;

namespace SlimtaFast.Edge.Http;

/// <summary>
/// Receives mail by HTTP POST, as python-slimta's WSGI edge does, and hands it to the queue of the SMTP edge beside which it stands: one
/// request is one message, under the same limits, permissions and hooks. A message is answered with 204 only after the queue took it.
/// docs/http.md describes requests and answers. Thread-safe.
/// </summary>
public sealed class HttpEdge : IAsyncDisposable
{
    private readonly SmtpEdge _beside;
    private readonly WebApplication _application;
    private readonly ListenerBinding _binding;
    private readonly CancellationTokenRegistration _stopping;
    private readonly Lock _lock = new();
    private volatile RequestHandler _handler;
    private bool _started;
    private Task? _stopped;

    /// <summary>Makes an edge; <see cref="StartAsync"/> opens it.</summary>
    /// <param name="beside">The SMTP edge whose queue, limits, permissions, hooks and users serve here too; it may listen nowhere.</param>
    /// <param name="options">Where to listen.</param>
    /// <param name="loggers">Where warnings of the web server go; null for nowhere. What happens to mail is logged by the SMTP edge.</param>
    public HttpEdge(SmtpEdge beside, HttpEdgeOptions options, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(beside);
        ArgumentNullException.ThrowIfNull(options);
        _beside = beside;
        EdgeResources resources = beside.Resources;
        if (options.Listen.Any(l => l.IsSecure) && resources.Session.Tls is null)
            throw new ArgumentException("A listener with TLS needs the certificates of the SMTP edge's session.", nameof(options));
        _handler = new RequestHandler(resources);
        _binding = new ListenerBinding(options, beside);
        _application = WebServer.Build(options, _binding, resources, loggers ?? NullLoggerFactory.Instance);
        _application.Run(context => Handler.HandleAsync(context));
        // Whichever edge is told to stop first: the connections are counted together, so that neither can end without the other.
        _stopping = resources.Stopping.UnsafeRegister(static edge => _ = ((HttpEdge)edge!).StopOnceAsync(CancellationToken.None), this);
    }

    /// <summary>The addresses in use, with real ports, in the order of the options; empty before <see cref="StartAsync"/>.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => _started ? _binding.EndPoints : [];

    /// <summary>Listens on every end point, or fails with <see cref="IOException"/> where one is taken. Start the SMTP edge before.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_started || _stopped is not null)
                throw new InvalidOperationException("The edge was started or stopped before.");
            _started = true;
        }

        await _application.StartAsync(cancellationToken);
        foreach (IPEndPoint endPoint in EndPoints)
            _beside.Resources.Log.Listening(endPoint);
    }

    /// <summary>
    /// Stops accepting and lets requests that run finish. When <paramref name="giveUp"/> fires, what is left is cut; what was answered with 204
    /// is safe either way. Stopping the SMTP edge stops this one as well.
    /// </summary>
    public Task StopAsync(CancellationToken giveUp = default) => StopOnceAsync(giveUp);

    /// <summary>Cuts every connection and closes the listeners. Call <see cref="StopAsync"/> first for a graceful end.</summary>
    public async ValueTask DisposeAsync()
    {
        using (var now = new CancellationTokenSource())
        {
            await now.CancelAsync();
            await StopOnceAsync(now.Token);
        }

        await _stopping.DisposeAsync();
        await _application.DisposeAsync();
        _binding.Dispose();
    }

    // What the SMTP edge goes by may have changed since the last request.
    private RequestHandler Handler
    {
        get
        {
            RequestHandler handler = _handler;
            EdgeResources resources = _beside.Resources;
            return ReferenceEquals(handler.Edge, resources) ? handler : _handler = new RequestHandler(resources);
        }
    }

    private Task StopOnceAsync(CancellationToken giveUp)
    {
        Task stopped;
        lock (_lock)
            stopped = _stopped ??= _started ? _application.StopAsync(_binding.Abandoned) : Task.CompletedTask;
        return stopped.IsCompleted ? stopped : AbandonAsync(stopped, giveUp);
    }

    private async Task AbandonAsync(Task stopped, CancellationToken giveUp)
    {
        await using CancellationTokenRegistration cut = giveUp.UnsafeRegister(static binding => ((ListenerBinding)binding!).Abandon(), _binding);
        await stopped;
    }
}
