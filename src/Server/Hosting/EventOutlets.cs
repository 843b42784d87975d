using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SlimtaFast.Events;
using SlimtaFast.Mail;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Hosting;

/// <summary>The places that events go to. The container disposes it after the mail server, so that nothing is told any more by then.</summary>
internal sealed class EventOutlets : IAsyncDisposable
{
    private readonly EventFile? _file;
    private readonly EventWebhook? _webhook;

    /// <summary>Opens them; throws <see cref="UsageException"/> where the file cannot be.</summary>
    public EventOutlets(EventSettings settings, IServiceProvider services)
    {
        var meters = services.GetRequiredService<IMeterFactory>();
        if (settings.File is not null)
            _file = Open(settings.File, services, meters);
        if (settings.Webhook is not null)
            _webhook = new EventWebhook(settings.Webhook, services.GetRequiredService<ILogger<EventWebhook>>(), meters, services.GetRequiredService<TimeProvider>());
    }

    /// <summary>Takes the events; null where nobody wants to know.</summary>
    public IMailEventSink? Sink => (_file, _webhook) switch
    {
        (not null, not null) => new EventFan([_file, _webhook]),
        _ => _file ?? (IMailEventSink?)_webhook,
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_file is not null)
            await _file.DisposeAsync();
        if (_webhook is not null)
            await _webhook.DisposeAsync();
    }

    private static EventFile Open(EventFileOptions options, IServiceProvider services, IMeterFactory meters)
    {
        try
        {
            return new EventFile(options, services.GetRequiredService<ILogger<EventFile>>(), meters);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"Events:File: {trouble.Message}");
        }
    }
}
