using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace SlimtaFast.Server.Bench;

/// <summary>What a load run measured. Immutable.</summary>
/// <param name="Plan">What was asked.</param>
/// <param name="Tally">What became of the messages.</param>
/// <param name="Octets">Octets of one message.</param>
/// <param name="Elapsed">From the first connection attempt to the last answer, the warm-up included.</param>
/// <param name="ProcessorTime">What the generator itself used.</param>
internal sealed record LoadReport(LoadPlan Plan, LoadTally Tally, int Octets, TimeSpan Elapsed, TimeSpan ProcessorTime)
{
    /// <summary>Accepted messages a second, since the warm-up.</summary>
    public double Rate => Tally.Accepted / Math.Max(Counted.TotalSeconds, 1e-9);

    /// <summary>The time in which messages counted.</summary>
    public TimeSpan Counted => Elapsed - Plan.WarmUp;

    /// <summary>The report as lines for people.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        CultureInfo plain = CultureInfo.InvariantCulture;
        string loop = Plan.Rate is { } rate ? string.Create(plain, $"open loop at {rate:0.#}/s, latency from the intended start") : "closed loop";
        text.AppendLine(plain, $"{Plan.Server}: {Plan.Connections} connections, {Octets} octets a message, {Plan.Mode.ToString().ToLowerInvariant()}, {loop}");
        text.AppendLine(plain, $"messages   {Tally.Accepted} accepted, {Tally.Failed} failed, in {Counted.TotalSeconds:0.000} s over {Tally.Connections} connections");
        text.AppendLine(plain, $"rate       {Rate:0.0} messages/s, {Rate * Octets / 1e6:0.00} MB/s");
        text.AppendLine(plain, $"latency    p50 {Ms(0.5):0.000} ms, p90 {Ms(0.9):0.000} ms, p99 {Ms(0.99):0.000} ms, p99.9 {Ms(0.999):0.000} ms, max {Tally.Latency.Longest.TotalMilliseconds:0.000} ms");
        text.AppendLine(plain, $"generator  {ProcessorTime / Elapsed:0.00} processors busy");
        foreach ((string kind, long count) in Tally.Errors)
            text.AppendLine(plain, $"error      {count} x {kind}");
        return text.ToString();
    }

    /// <summary>The report as one line of JSON; times in milliseconds where the name ends with <c>ms</c>, else in seconds.</summary>
    public string ToJson()
    {
        var errors = new JsonObject();
        foreach ((string kind, long count) in Tally.Errors)
            errors[kind] = count;
        return new JsonObject
        {
            ["msgs"] = Tally.Accepted,
            ["failed"] = Tally.Failed,
            ["secs"] = Math.Round(Counted.TotalSeconds, 4),
            ["rate"] = Math.Round(Rate, 1),
            ["asked_rate"] = Plan.Rate,
            ["octets"] = Octets,
            ["connections"] = Tally.Connections,
            ["p50ms"] = Math.Round(Ms(0.5), 3),
            ["p90ms"] = Math.Round(Ms(0.9), 3),
            ["p99ms"] = Math.Round(Ms(0.99), 3),
            ["p999ms"] = Math.Round(Ms(0.999), 3),
            ["maxms"] = Math.Round(Tally.Latency.Longest.TotalMilliseconds, 3),
            ["gen_cpu"] = Math.Round(ProcessorTime / Elapsed, 2),
            ["errors"] = errors,
        }.ToJsonString();
    }

    private double Ms(double fraction) => Tally.Latency.Quantile(fraction).TotalMilliseconds;
}
