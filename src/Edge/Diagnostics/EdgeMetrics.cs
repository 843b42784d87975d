using System.Diagnostics;
using System.Diagnostics.Metrics;
using SlimtaFast.Edge.Limits;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Diagnostics;

/// <summary>The instruments of the meter <c>SlimtaFast.Edge</c>. Thread-safe.</summary>
internal sealed class EdgeMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _connectionsRefused;
    private readonly Counter<long> _connectionsProxied;
    private readonly Counter<long> _earlyInput;
    private readonly Counter<long> _recipientsRefused;
    private readonly Counter<long> _messagesAccepted;
    private readonly Counter<long> _messagesRefused;
    private readonly Counter<long> _octets;
    private readonly Counter<long> _authentications;
    private readonly Histogram<double> _enqueueTime;

    /// <summary>Registers the instruments with a factory, or with a meter of their own where there is none.</summary>
    public EdgeMetrics(IMeterFactory? factory)
    {
        _ownsMeter = factory is null;
        _meter = factory?.Create(SmtpEdge.MeterName) ?? new Meter(SmtpEdge.MeterName);
        _connections = _meter.CreateUpDownCounter<long>("slimtafast.edge.connections", "{connection}", "Connections being served.");
        _connectionsRefused = _meter.CreateCounter<long>("slimtafast.edge.connections.refused", "{connection}", "Connections turned away before their session, by reason.");
        _connectionsProxied = _meter.CreateCounter<long>("slimtafast.edge.connections.proxied", "{connection}", "Connections with a PROXY header, by its version.");
        _earlyInput = _meter.CreateCounter<long>("slimtafast.edge.early_input", "{event}", "Clients that sent more although they had to wait for a reply, by where.");
        _recipientsRefused = _meter.CreateCounter<long>("slimtafast.edge.recipients.refused", "{recipient}", "Recipients refused because the client may not relay to them.");
        _messagesAccepted = _meter.CreateCounter<long>("slimtafast.edge.messages.accepted", "{message}", "Messages answered with 250.");
        _messagesRefused = _meter.CreateCounter<long>("slimtafast.edge.messages.refused", "{message}", "Messages refused after their content, by reason.");
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

    /// <summary>A connection was turned away.</summary>
    public void ConnectionRefused(ConnectionRefusal why)
    {
        if (_connectionsRefused.Enabled)
            _connectionsRefused.Add(1, new KeyValuePair<string, object?>("reason", Name(why)));
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
            _earlyInput.Add(1, new KeyValuePair<string, object?>("where", Name(where)));
    }

    /// <summary>An AUTH exchange has ended.</summary>
    public void Authenticated(AuthenticationResult result)
    {
        if (_authentications.Enabled)
            _authentications.Add(1, new KeyValuePair<string, object?>("mechanism", result.Mechanism), new KeyValuePair<string, object?>("outcome", Name(result.Outcome)));
    }

    /// <summary>A recipient was refused for want of relay permission.</summary>
    public void RecipientRefused() => _recipientsRefused.Add(1);

    /// <summary>A complete message was answered.</summary>
    public void Answered(SmtpReply reply, long octets, long started)
    {
        if (reply.IsPositive)
        {
            _messagesAccepted.Add(1);
            _octets.Add(octets);
        }
        else
        {
            MessageRefused(reply);
        }

        if (started != 0)
            _enqueueTime.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>A message was refused.</summary>
    public void MessageRefused(SmtpReply reply)
    {
        if (_messagesRefused.Enabled)
            _messagesRefused.Add(1, new KeyValuePair<string, object?>("reason", Reason(reply)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A factory's meters are the factory's to dispose.
        if (_ownsMeter)
            _meter.Dispose();
    }

    private static string Name(ConnectionRefusal why) => why switch
    {
        ConnectionRefusal.TooMany => "too_many",
        ConnectionRefusal.TooManyFromAddress => "too_many_from_address",
        ConnectionRefusal.ProxyHeaderMissing => "proxy_header_missing",
        ConnectionRefusal.ProxyHeaderMalformed => "proxy_header_malformed",
        ConnectionRefusal.ProxyHeaderIncomplete => "proxy_header_incomplete",
        _ => "stopping",
    };

    private static string Name(EarlyInput where) => where switch
    {
        Protocol.EarlyInput.BeforeGreeting => "before_greeting",
        Protocol.EarlyInput.AfterHello => "after_hello",
        Protocol.EarlyInput.AfterData => "after_data",
        Protocol.EarlyInput.AfterNoop => "after_noop",
        Protocol.EarlyInput.AfterVerify => "after_verify",
        Protocol.EarlyInput.AfterQuit => "after_quit",
        _ => "not_offered",
    };

    private static string Name(AuthenticationOutcome outcome) => outcome switch
    {
        AuthenticationOutcome.Succeeded => "succeeded",
        AuthenticationOutcome.Rejected => "rejected",
        AuthenticationOutcome.Downgraded => "downgraded",
        AuthenticationOutcome.Malformed => "malformed",
        AuthenticationOutcome.Cancelled => "cancelled",
        _ => "unavailable",
    };

    private static string Reason(SmtpReply reply) => reply.Code switch
    {
        421 => "stopping",
        452 => "storage_full",
        >= 500 => "policy",
        _ => "storage_unavailable",
    };
}
