using System.Diagnostics.Metrics;
using System.Net;
using SlimtaFast.Admin.Tests.Fakes;

namespace SlimtaFast.Admin.Tests;

public class MetricsTests
{
    [Fact]
    public async Task Page_shows_the_instruments_in_the_text_format()
    {
        using var meter = new Meter("SlimtaFast.Test");
        Counter<long> counter = meter.CreateCounter<long>("slimtafast.test.refused", "{message}", "Messages \"refused\"\nby reason.");
        Histogram<double> histogram = meter.CreateHistogram("slimtafast.test.duration", "s", "How long it took.", tags: null, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        meter.CreateObservableGauge("slimtafast.test.size", () => 42L, "By", "Octets.");
        using var telemetry = new TelemetryExport(new TelemetryOptions { Instance = "mx.example.org", Version = "1.2.3", Prometheus = true });
        await using AdminClient client = await AdminClient.StartAsync(telemetry: telemetry);
        counter.Add(3, new KeyValuePair<string, object?>("reason", "relay_denied"));
        histogram.Record(0.5);
        (HttpStatusCode status, string page) = await client.AskAsync("/metrics");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("# TYPE slimtafast_test_refused_total counter\n", page, StringComparison.Ordinal);
        Assert.Matches(@"\nslimtafast_test_refused_total\{reason=""relay_denied""\} 3( \d+)?\n", page);
        Assert.Matches(@"\nslimtafast_test_duration_seconds_bucket\{le=""1""\} 1( \d+)?\n", page);
        Assert.Matches(@"\nslimtafast_test_size_bytes(\{\})? 42( \d+)?\n", page);
        Assert.Contains("service_instance_id=\"mx.example.org\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_telemetry_there_is_no_page()
    {
        await using AdminClient client = await AdminClient.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await client.AskAsync("/metrics")).Status);
    }

    [Fact]
    public void Nobody_listens_to_meters_without_an_exporter()
    {
        using var meter = new Meter("SlimtaFast.Alone");
        Counter<long> counter = meter.CreateCounter<long>("slimtafast.alone.count");
        using var telemetry = new TelemetryExport(new TelemetryOptions { Instance = "test", Otlp = new OtlpOptions { Endpoint = new Uri("http://127.0.0.1:9"), Metrics = false } });
        Assert.False(counter.Enabled);
    }
}
