using System.Diagnostics;
using System.Diagnostics.Metrics;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Bounces;
using SlimtaFast.Queue.Delivery;

namespace SlimtaFast.Queue;

/// <summary>The instruments of the meter <c>SlimtaFast.Queue</c>. Thread-safe.</summary>
internal sealed class QueueMetrics : IDisposable
{
    private const string MeterName = "SlimtaFast.Queue";

    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _deferred;
    private readonly Counter<long> _bounced;
    private readonly Counter<long> _expired;
    private readonly Counter<long> _reports;
    private readonly Counter<long> _doubleBounces;
    private readonly Counter<long> _possiblyDelivered;
    private readonly Counter<long> _possiblyStored;
    private readonly Counter<long> _leasesLost;
    private readonly Counter<long> _outcomesRefused;
    private readonly Histogram<double> _latency;

    /// <summary>Makes the instruments; the gauges ask when somebody looks.</summary>
    /// <param name="meters">Makes the meter, or null to make it without a factory.</param>
    /// <param name="snapshot">What is queued.</param>
    /// <param name="oldest">How old the oldest of it is.</param>
    public QueueMetrics(IMeterFactory? meters, Func<QueueSnapshot> snapshot, Func<TimeSpan> oldest)
    {
        _ownsMeter = meters is null;
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _accepted = _meter.CreateCounter<long>("slimtafast.queue.accepted", "{message}", "Messages accepted");
        _refused = _meter.CreateCounter<long>("slimtafast.queue.refused", "{message}", "Messages that the queue refused, by reply code");
        _delivered = _meter.CreateCounter<long>("slimtafast.queue.delivered", "{recipient}", "Recipients delivered to");
        _deferred = _meter.CreateCounter<long>("slimtafast.queue.deferred", "{recipient}", "Recipients to be tried again");
        _bounced = _meter.CreateCounter<long>("slimtafast.queue.bounced", "{recipient}", "Recipients refused for good");
        _expired = _meter.CreateCounter<long>("slimtafast.queue.expired", "{recipient}", "Recipients given up after transient trouble");
        _reports = _meter.CreateCounter<long>("slimtafast.queue.reports", "{message}", "Reports made, by action");
        _doubleBounces = _meter.CreateCounter<long>("slimtafast.queue.double_bounces", "{message}", "Messages with the null reverse-path that failed");
        _possiblyDelivered = _meter.CreateCounter<long>("slimtafast.queue.possibly_delivered", "{attempt}", "Connections lost after the final dot");
        _possiblyStored = _meter.CreateCounter<long>("slimtafast.queue.possibly_stored", "{message}", "Messages refused whose write was given up in time");
        _leasesLost = _meter.CreateCounter<long>("slimtafast.queue.leases_lost", "{item}", "Items that were not attempted, or not to the end, because another process may have them");
        _outcomesRefused = _meter.CreateCounter<long>("slimtafast.queue.outcomes_refused", "{attempt}", "Outcomes that were not recorded because another process has the item");
        _latency = _meter.CreateHistogram<double>("slimtafast.queue.delivery.latency", "s", "Time from reception to delivery",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.02, 0.1, 0.5, 1, 5, 30, 120, 600, 3600, 14_400, 86_400] });
        _meter.CreateObservableGauge("slimtafast.queue.waiting", () => snapshot().Waiting, "{item}", "Items that wait for their due time");
        _meter.CreateObservableGauge("slimtafast.queue.ready", () => snapshot().Ready, "{item}", "Items that wait for their turn");
        _meter.CreateObservableGauge("slimtafast.queue.active", () => snapshot().Active, "{attempt}", "Attempts that run");
        _meter.CreateObservableGauge("slimtafast.queue.suspended_hops", () => snapshot().SuspendedHops, "{hop}", "Next hops that are down");
        _meter.CreateObservableGauge("slimtafast.queue.recording", () => snapshot().Recording, "{item}", "Items whose outcome is being recorded");
        _meter.CreateObservableGauge("slimtafast.queue.oldest", () => oldest().TotalSeconds, "s", "Age of the oldest item that is queued; 0 where there is none");
    }

    /// <summary>Counts an accepted message.</summary>
    public void Accepted() => _accepted.Add(1);

    /// <summary>Counts a refused message.</summary>
    public void Refused(SmtpReply reply)
    {
        if (_refused.Enabled)
            _refused.Add(1, new KeyValuePair<string, object?>("code", (int)reply.Code));
    }

    /// <summary>Counts what an attempt brought.</summary>
    public void Attempted(QueueItem item, Judgement judgement, DateTimeOffset now)
    {
        if (judgement.Delivered > 0)
        {
            _delivered.Add(judgement.Delivered);
            if (_latency.Enabled)
                _latency.Record((now - item.Envelope.ReleasedAt).TotalSeconds);
        }

        if (judgement.Deferred > 0)
            _deferred.Add(judgement.Deferred);
        Reviewed(judgement);
    }

    /// <summary>Counts what the one attempt of a proxy brought; what was deferred, the client tries again.</summary>
    public void Proxied(Envelope envelope, DeliveryReport report, DateTimeOffset now)
    {
        foreach (RecipientOutcome outcome in report.Outcomes)
        {
            switch (outcome.Kind)
            {
                case OutcomeKind.Delivered:
                    _delivered.Add(1);
                    if (_latency.Enabled)
                        _latency.Record((now - envelope.ReceivedAt).TotalSeconds);
                    break;
                case OutcomeKind.Permanent:
                    _bounced.Add(1);
                    break;
                default:
                    _deferred.Add(1);
                    break;
            }
        }
    }

    /// <summary>Counts what a review of a suspended hop's item brought.</summary>
    public void Reviewed(Judgement judgement)
    {
        if (judgement.Expired)
            _expired.Add(judgement.Failed);
        else if (judgement.Failed > 0)
            _bounced.Add(judgement.Failed);
    }

    /// <summary>Counts a report.</summary>
    public void Reported(ReportAction action)
    {
        if (_reports.Enabled)
            _reports.Add(1, new TagList { { "action", action switch { ReportAction.Failed => "failed", ReportAction.Delayed => "delayed", ReportAction.Delivered => "delivered", _ => "relayed" } } });
    }

    /// <summary>Counts a failed message that nobody is told of.</summary>
    public void DoubleBounced() => _doubleBounces.Add(1);

    /// <summary>Counts a connection lost after the final dot.</summary>
    public void PossiblyDelivered() => _possiblyDelivered.Add(1);

    /// <summary>Counts a refused message that may have been stored.</summary>
    public void PossiblyStored() => _possiblyStored.Add(1);

    /// <summary>Counts an item that may be another process's.</summary>
    public void LeaseLost() => _leasesLost.Add(1);

    /// <summary>Counts an outcome of an item that is another process's.</summary>
    public void OutcomeRefused() => _outcomesRefused.Add(1);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsMeter)
            _meter.Dispose();
    }
}
