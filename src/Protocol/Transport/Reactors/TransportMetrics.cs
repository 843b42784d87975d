using System.Diagnostics.Metrics;

namespace SlimtaFast.Protocol.Transport.Reactors;

/// <summary>The instruments of the transport, of the meter "SlimtaFast.Transport".</summary>
internal static class TransportMetrics
{
    private static readonly Meter Meter = new("SlimtaFast.Transport");

    /// <summary>Times that a listener stopped accepting for a moment, since the system had no descriptor or memory left.</summary>
    public static readonly Counter<long> AcceptPauses = Meter.CreateCounter<long>("slimtafast.transport.accept_pauses", "{pause}", "Times that a listener stopped accepting for a moment, since the system had no descriptor or memory left.");
}
