using Microsoft.Extensions.Logging;

namespace SlimtaFast.Server.Logging;

/// <summary>Writes <c>TIME LEVEL CATEGORY[ID] MESSAGE</c>, an exception behind it on the same line. Thread-safe.</summary>
internal sealed class LineLogger(LogSink sink, string category, TimeProvider time) : ILogger
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        LineBuffer line = LineBuffer.Rent();
        line.AppendTime(time.GetUtcNow());
        line.Append(LevelName(logLevel));
        line.AppendText(category);
        line.Append("["u8);
        Span<byte> id = line.GetSpan(11);
        eventId.Id.TryFormat(id, out int digits, default, System.Globalization.CultureInfo.InvariantCulture);
        line.Advance(digits);
        line.Append("] "u8);
        line.AppendText(formatter(state, exception));
        if (exception is not null)
        {
            line.Append(" | "u8);
            line.AppendText(exception.ToString());
        }

        line.Append("\n"u8);
        sink.Write(line.Written, logLevel >= LogLevel.Warning);
    }

    private static ReadOnlySpan<byte> LevelName(LogLevel level) => level switch
    {
        LogLevel.Trace => " trace "u8,
        LogLevel.Debug => " debug "u8,
        LogLevel.Information => " info  "u8,
        LogLevel.Warning => " warn  "u8,
        LogLevel.Error => " error "u8,
        _ => " fatal "u8,
    };
}
