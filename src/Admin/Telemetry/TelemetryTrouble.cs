using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using Microsoft.Extensions.Logging;

namespace SlimtaFast.Admin.Telemetry;

/// <summary>
/// Logs what OpenTelemetry complains of, such as a collector that cannot be reached: it tells that to nobody but listeners of its event
/// sources. Thread-safe.
/// </summary>
internal sealed class TelemetryTrouble : EventListener
{
    private const string Sources = "OpenTelemetry-";

    // Sources are told of from within the base class's constructor, when there is no logger yet.
    private readonly ConcurrentQueue<EventSource> _early = new();
    private readonly ILogger? _logger;

    /// <summary>Begins to listen.</summary>
    public TelemetryTrouble(ILogger logger)
    {
        _logger = logger;
        while (_early.TryDequeue(out EventSource? source))
            EnableEvents(source, EventLevel.Warning);
    }

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        base.OnEventSourceCreated(eventSource);
        if (!eventSource.Name.StartsWith(Sources, StringComparison.Ordinal))
            return;
        if (_logger is null)
            _early?.Enqueue(eventSource);
        else
            EnableEvents(eventSource, EventLevel.Warning);
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (_logger is not null && !IsAboutOthers(eventData))
            TelemetryLog.Trouble(_logger, Describe(eventData));
    }

    // Meters of the web server, which nobody asked for: that theirs are not collected is no trouble.
    private static bool IsAboutOthers(EventWrittenEventArgs entry) =>
        entry.EventName == "MetricInstrumentIgnored" && entry.Payload is { Count: > 1 } payload && payload[1] is string meter && !meter.StartsWith("SlimtaFast.", StringComparison.Ordinal);

    private static string Describe(EventWrittenEventArgs entry)
    {
        object?[] values = [.. entry.Payload ?? []];
        string name = entry.EventName ?? "trouble";
        return entry.Message is { } message
            ? name + ": " + string.Format(System.Globalization.CultureInfo.InvariantCulture, message, values)
            : $"{name}: {string.Join(", ", values)}";
    }
}
