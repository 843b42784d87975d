namespace SlimtaFast.Admin;

/// <summary>Who is told what the server's instruments measure. Immutable.</summary>
public sealed record TelemetryOptions
{
    /// <summary>The name of this server among others of its kind: <c>service.instance.id</c>.</summary>
    public required string Instance { get; init; }

    /// <summary>The version that runs: <c>service.version</c>.</summary>
    public string Version { get; init; } = "";

    /// <summary>Whether <c>/metrics</c> of the admin listener shows the instruments.</summary>
    public bool Prometheus { get; init; }

    /// <summary>The collector that metrics and traces are sent to, or null for none.</summary>
    public OtlpOptions? Otlp { get; init; }
}
