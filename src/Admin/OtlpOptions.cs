namespace SlimtaFast.Admin;

/// <summary>How metrics and traces are sent to a collector by OTLP, over HTTP with protocol buffers. Immutable.</summary>
public sealed record OtlpOptions
{
    /// <summary>The collector, such as <c>http://127.0.0.1:4318</c>; <c>/v1/metrics</c> and <c>/v1/traces</c> are put behind its path.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Header fields of each request, such as a token of the collector's.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>How often metrics are sent. Default 60 seconds.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a request may take. Default 10 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether metrics are sent. Default true.</summary>
    public bool Metrics { get; init; } = true;

    /// <summary>Which part of all messages is traced, from 0 (no traces at all) to 1. Default 0.</summary>
    public double TraceRatio { get; init; }
}
