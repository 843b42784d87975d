using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SlimtaFast.Admin.Telemetry;

namespace SlimtaFast.Admin;

/// <summary>
/// Listens to the server's instruments and activities, and shows or sends them, by OpenTelemetry. Make it before the parts that it listens to
/// begin to work, since what was measured before is not known. While there is none, nothing is measured. Thread-safe.
/// </summary>
public sealed class TelemetryExport : IDisposable
{
    private const string ServiceName = "slimtafast";

    // Every meter and activity source of the server, and what the runtime says of itself.
    private static readonly string[] Meters = ["SlimtaFast.*", "System.Runtime"];

    private readonly TelemetryTrouble _trouble;
    private readonly MeterProvider? _meters;
    private readonly TracerProvider? _traces;
    private readonly bool _showsMetrics;

    /// <summary>Begins to listen.</summary>
    /// <param name="options">Who is told.</param>
    /// <param name="loggers">Where trouble with that is told; null for nowhere.</param>
    public TelemetryExport(TelemetryOptions options, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _trouble = new TelemetryTrouble((loggers ?? NullLoggerFactory.Instance).CreateLogger<TelemetryExport>());
        _showsMetrics = options.Prometheus;
        if (options.Prometheus || options.Otlp is { Metrics: true })
            _meters = MakeMeters(options);
        if (options.Otlp is { TraceRatio: > 0 } otlp)
            _traces = MakeTraces(options, otlp);
    }

    /// <summary>Sends what has not been sent yet; what cannot be within the collector's time limit is told as a warning and lost.</summary>
    public void Dispose()
    {
        _traces?.Dispose();
        _meters?.Dispose();
        _trouble.Dispose();
    }

    /// <summary>Adds <c>/metrics</c>, where Prometheus was asked for.</summary>
    internal void MapMetrics(IEndpointRouteBuilder routes)
    {
        if (_showsMetrics)
            routes.MapPrometheusScrapingEndpoint("/metrics", _meters, configureBranchedPipeline: null, optionsName: null);
    }

    private static ResourceBuilder Describe(TelemetryOptions options) => ResourceBuilder.CreateEmpty()
        .AddService(ServiceName, serviceVersion: options.Version.Length > 0 ? options.Version : null, serviceInstanceId: options.Instance);

    private static MeterProvider MakeMeters(TelemetryOptions options)
    {
        MeterProviderBuilder builder = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Describe(options)).AddMeter(Meters);
        if (options.Prometheus)
        {
            // Meter names as labels would only repeat what stands in the instruments' own names.
            builder.AddPrometheusExporter(static page => page.ScopeInfoEnabled = false);
        }

        if (options.Otlp is { Metrics: true } otlp)
        {
            builder.AddOtlpExporter((exporter, reader) =>
            {
                Configure(exporter, otlp, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)otlp.Interval.TotalMilliseconds;
                reader.PeriodicExportingMetricReaderOptions.ExportTimeoutMilliseconds = (int)otlp.Timeout.TotalMilliseconds;
            });
        }

        return builder.Build();
    }

    // A message whose client's trace is known belongs to that, and is sampled as it is.
    private static TracerProvider MakeTraces(TelemetryOptions options, OtlpOptions otlp) => Sdk.CreateTracerProviderBuilder()
        .SetResourceBuilder(Describe(options))
        .AddSource("SlimtaFast.*")
        .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(otlp.TraceRatio)))
        .AddOtlpExporter(exporter => Configure(exporter, otlp, "v1/traces"))
        .Build();

    private static void Configure(OtlpExporterOptions exporter, OtlpOptions otlp, string path)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri(otlp.Endpoint.AbsoluteUri.TrimEnd('/') + "/" + path);
        exporter.TimeoutMilliseconds = (int)otlp.Timeout.TotalMilliseconds;
        // Its own way to set header fields cannot carry a comma; nor should fields of the environment's be added to ours.
        exporter.Headers = "";
        exporter.HttpClientFactory = () => MakeClient(otlp);
    }

    private static HttpClient MakeClient(OtlpOptions otlp)
    {
        var client = new HttpClient { Timeout = otlp.Timeout };
        foreach ((string name, string value) in otlp.Headers)
            client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        return client;
    }
}
