using Microsoft.Extensions.Logging;

namespace SlimtaFast.Admin.Telemetry;

/// <summary>What is logged of sending metrics and traces. Event ids 6000 to 6019.</summary>
internal static partial class TelemetryLog
{
    /// <summary>Metrics or traces could not be shown or sent.</summary>
    [LoggerMessage(6000, LogLevel.Warning, "Metrics or traces: {Trouble}")]
    public static partial void Trouble(ILogger logger, string trouble);
}
