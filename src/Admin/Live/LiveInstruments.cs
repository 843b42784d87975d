using System.Diagnostics.Metrics;

namespace SlimtaFast.Admin.Live;

/// <summary>
/// Listens to those of the process's instruments that the live figures are made of. A measurement costs its thread one or two interlocked additions: no tag is
/// read, nothing is locked and nothing allocated. Thread-safe.
/// </summary>
internal sealed class LiveInstruments : IDisposable
{
    private const double MicrosecondsASecond = 1_000_000;

    private readonly MeterListener _listener = new();

    /// <summary>Begins to listen.</summary>
    /// <param name="isOurs">Tells which meters are meant: there may be several servers in a process.</param>
    public LiveInstruments(Func<Meter, bool> isOurs)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (Find(instrument.Name) is { } state && isOurs(instrument.Meter))
                listener.EnableMeasurementEvents(instrument, state);
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, _, state) => ((LiveCounter)state!).Add(value));
        _listener.SetMeasurementEventCallback<int>(static (_, value, _, state) => ((LiveHistogram)state!).Record(value));
        _listener.SetMeasurementEventCallback<double>(static (_, value, _, state) => ((LiveHistogram)state!).Record((long)((value * MicrosecondsASecond) + 0.5)));
        _listener.Start();
    }

    /// <summary>Messages accepted.</summary>
    public LiveCounter Accepted { get; } = new();

    /// <summary>Recipients delivered to.</summary>
    public LiveCounter Delivered { get; } = new();

    /// <summary>Recipients to be tried again.</summary>
    public LiveCounter Deferred { get; } = new();

    /// <summary>Recipients given up, for their next hop's refusal or their age.</summary>
    public LiveCounter Bounced { get; } = new();

    /// <summary>Connections, commands, recipients and messages refused.</summary>
    public LiveCounter Refused { get; } = new();

    /// <summary>Connections being served.</summary>
    public LiveCounter Connections { get; } = new();

    /// <summary>Times from 250 to delivery, in microseconds.</summary>
    public LiveHistogram Delivery { get; } = new();

    /// <summary>Times of the journal's writes and flushes, in microseconds.</summary>
    public LiveHistogram Flush { get; } = new();

    /// <summary>Requests acknowledged by one flush.</summary>
    public LiveHistogram Batch { get; } = new();

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private object? Find(string instrument) => instrument switch
    {
        "slimtafast.queue.accepted" => Accepted,
        "slimtafast.queue.delivered" => Delivered,
        "slimtafast.queue.deferred" => Deferred,
        "slimtafast.queue.bounced" or "slimtafast.queue.expired" => Bounced,
        "slimtafast.edge.connections.refused" or "slimtafast.edge.commands.refused" or "slimtafast.edge.recipients.refused" or "slimtafast.edge.messages.refused" => Refused,
        "slimtafast.edge.connections" => Connections,
        "slimtafast.queue.delivery.latency" => Delivery,
        "slimtafast.storage.flush.duration" => Flush,
        "slimtafast.storage.batch.records" => Batch,
        _ => null,
    };
}
