using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SlimtaFast.MailAuth;

/// <summary>The instruments of the meter <c>SlimtaFast.MailAuth</c>. Thread-safe.</summary>
internal sealed class MailAuthMetrics
{
    private readonly Counter<long> _spf;

    /// <summary>Registers the instruments with a factory, which owns them, or with a meter that lives as long as the process.</summary>
    public MailAuthMetrics(IMeterFactory? factory)
    {
        Meter meter = factory?.Create(SpfEvaluator.MeterName) ?? Shared.Meter;
        _spf = meter.CreateCounter<long>("slimtafast.mailauth.spf", "{evaluation}", "Answers of the SPF evaluator, by result, identity and whether a result was remembered.");
    }

    /// <summary>A request was answered.</summary>
    public void SpfAnswered(SpfFinding finding, bool wasRemembered)
    {
        if (!_spf.Enabled)
            return;
        _spf.Add(1, new TagList
        {
            { "result", finding.Result.ToWord() },
            { "identity", finding.Request.Identity == SpfIdentity.Hello ? "helo" : "mailfrom" },
            { "remembered", wasRemembered },
        });
    }

    private static class Shared
    {
        public static readonly Meter Meter = new(SpfEvaluator.MeterName);
    }
}
