using Microsoft.Extensions.Logging;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Logging;

/// <summary>
/// Makes loggers that write one line per entry, as text or as JSON, through a <see cref="LogSink"/>. Levels are the business of the
/// standard <c>Logging</c> section. Thread-safe.
/// </summary>
[ProviderAlias("Line")]
internal sealed class LineLoggerProvider : ILoggerProvider
{
    private readonly LogSink _sink;
    private readonly LogFormat _format;
    private readonly TimeProvider _time;

    /// <summary>Makes a provider; disposing it ends the sink.</summary>
    public LineLoggerProvider(LogSink sink, LogFormat format, TimeProvider time)
    {
        _sink = sink;
        _format = format;
        _time = time;
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) =>
        _format == LogFormat.Json ? new JsonLogger(_sink, categoryName, _time) : new LineLogger(_sink, categoryName, _time);

    /// <inheritdoc/>
    public void Dispose() => _sink.Dispose();
}
