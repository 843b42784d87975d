using System.Diagnostics;
using System.Diagnostics.Metrics;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Diagnostics;

/// <summary>The instruments of the meter <c>SlimtaFast.Edge</c>. Thread-safe.</summary>
internal sealed class EdgeMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _sessionsEnded;
    private readonly Counter<long>[] _refused;
    private readonly Counter<long> _messagesAccepted;
    private readonly Counter<long> _octets;
    private readonly Histogram<double> _enqueueTime;

    /// <summary>Registers the instruments with a factory, or with a meter of their own where there is none.</summary>
    public EdgeMetrics(IMeterFactory? factory)
    {
        _ownsMeter = factory is null;
        _meter = factory?.Create(SmtpEdge.MeterName) ?? new Meter(SmtpEdge.MeterName);
        _connections = _meter.CreateUpDownCounter<long>("slimtafast.edge.connections", "{connection}", "Connections being served.");
        _sessionsEnded = _meter.CreateCounter<long>("slimtafast.edge.sessions.ended", "{session}", "Sessions that have ended, by reason.");
        _refused =
        [
            _meter.CreateCounter<long>("slimtafast.edge.connections.refused", "{connection}", "Connections turned away, by reason."),
            _meter.CreateCounter<long>("slimtafast.edge.commands.refused", "{command}", "Commands other than RCPT refused, by reason."),
            _meter.CreateCounter<long>("slimtafast.edge.recipients.refused", "{recipient}", "Recipients refused, by reason."),
            _meter.CreateCounter<long>("slimtafast.edge.messages.refused", "{message}", "Messages refused after their content, by reason."),
        ];
        _messagesAccepted = _meter.CreateCounter<long>("slimtafast.edge.messages.accepted", "{message}", "Messages answered with 250.");
        _octets = _meter.CreateCounter<long>("slimtafast.edge.octets", "By", "Octets of accepted messages.");
        _enqueueTime = _meter.CreateHistogram<double>(
            "slimtafast.edge.enqueue.duration",
            "s",
            "Time from the end of a content until the queue answered.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5] });
    }

    /// <summary>True where somebody listens to durations, so that a clock reading is worth its price.</summary>
    public bool MeasuresTime => _enqueueTime.Enabled;

    /// <summary>A session begins.</summary>
    public void ConnectionOpened() => _connections.Add(1);

    /// <summary>A session has ended.</summary>
    public void ConnectionClosed() => _connections.Add(-1);

    /// <summary>A session has ended.</summary>
    public void SessionEnded(SessionEndReason reason)
    {
        if (_sessionsEnded.Enabled)
            _sessionsEnded.Add(1, new KeyValuePair<string, object?>("reason", ReasonNames<SessionEndReason>.Get(reason)));
    }

    /// <summary>Something was refused.</summary>
    public void Refused(RefusedThing thing, RefusalReason reason)
    {
        Counter<long> counter = _refused[(int)thing];
        if (counter.Enabled)
            counter.Add(1, new KeyValuePair<string, object?>("reason", ReasonNames<RefusalReason>.Get(reason)));
    }

    /// <summary>Lets the shortage of resources be observed.</summary>
    public void Observe(Func<IEnumerable<(LoadResource Resource, bool IsShort)>> states) =>
        _meter.CreateObservableGauge(
            "slimtafast.edge.short",
            () => states().Select(s => new Measurement<int>(s.IsShort ? 1 : 0, new KeyValuePair<string, object?>("resource", ReasonNames<LoadResource>.Get(s.Resource)))),
            "{state}",
            "1 while a resource is short and no more mail is taken, else 0, by resource.");

    /// <summary>A complete message was answered.</summary>
    public void Answered(SmtpReply reply, long octets, long started)
    {
        if (reply.IsPositive)
        {
            _messagesAccepted.Add(1);
            _octets.Add(octets);
        }

        if (started != 0)
            _enqueueTime.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A factory's meters are the factory's to dispose.
        if (_ownsMeter)
            _meter.Dispose();
    }
}
