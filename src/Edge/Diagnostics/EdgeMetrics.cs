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
    private readonly Counter<long> _connectionsProxied;
    private readonly Counter<long> _earlyInput;
    private readonly Counter<long>[] _refused;
    private readonly Counter<long> _messagesAccepted;
    private readonly Counter<long> _octets;
    private readonly Counter<long> _authentications;
    private readonly Histogram<double> _enqueueTime;

    /// <summary>Registers the instruments with a factory, or with a meter of their own where there is none.</summary>
    public EdgeMetrics(IMeterFactory? factory)
    {
        _ownsMeter = factory is null;
        _meter = factory?.Create(SmtpEdge.MeterName) ?? new Meter(SmtpEdge.MeterName);
        _connections = _meter.CreateUpDownCounter<long>("slimtafast.edge.connections", "{connection}", "Connections being served.");
        _sessionsEnded = _meter.CreateCounter<long>("slimtafast.edge.sessions.ended", "{session}", "Sessions that have ended, by reason.");
        _connectionsProxied = _meter.CreateCounter<long>("slimtafast.edge.connections.proxied", "{connection}", "Connections with a PROXY header, by its version.");
        _earlyInput = _meter.CreateCounter<long>("slimtafast.edge.early_input", "{event}", "Clients that sent more although they had to wait for a reply, by where.");
        _refused =
        [
            _meter.CreateCounter<long>("slimtafast.edge.connections.refused", "{connection}", "Connections turned away, by reason."),
            _meter.CreateCounter<long>("slimtafast.edge.commands.refused", "{command}", "Commands other than RCPT refused, by reason."),
            _meter.CreateCounter<long>("slimtafast.edge.recipients.refused", "{recipient}", "Recipients refused, by reason."),
            _meter.CreateCounter<long>("slimtafast.edge.messages.refused", "{message}", "Messages refused after their content, by reason."),
        ];
        _messagesAccepted = _meter.CreateCounter<long>("slimtafast.edge.messages.accepted", "{message}", "Messages answered with 250.");
        _authentications = _meter.CreateCounter<long>("slimtafast.edge.authentications", "{attempt}", "Ended AUTH exchanges, by mechanism and outcome.");
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

    /// <summary>A proxy told whose connection it is.</summary>
    public void ConnectionProxied(ProxyVersion version)
    {
        if (_connectionsProxied.Enabled)
            _connectionsProxied.Add(1, new KeyValuePair<string, object?>("version", version == ProxyVersion.V1 ? "v1" : "v2"));
    }

    /// <summary>A client spoke out of turn.</summary>
    public void EarlyInput(EarlyInput where)
    {
        if (_earlyInput.Enabled)
            _earlyInput.Add(1, new KeyValuePair<string, object?>("where", ReasonNames<EarlyInput>.Get(where)));
    }

    /// <summary>An AUTH exchange has ended.</summary>
    public void Authenticated(AuthenticationResult result)
    {
        if (_authentications.Enabled)
        {
            _authentications.Add(
                1,
                new KeyValuePair<string, object?>("mechanism", result.Mechanism),
                new KeyValuePair<string, object?>("outcome", ReasonNames<AuthenticationOutcome>.Get(result.Outcome)));
        }
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
