using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace SlimtaFast.Server.Logging;

/// <summary>
/// Writes one JSON object per entry: <c>time</c>, <c>level</c>, <c>category</c>, <c>event</c>, <c>message</c>, the entry's own values in
/// <c>values</c>, and <c>exception</c>. Thread-safe.
/// </summary>
internal sealed class JsonLogger(LogSink sink, string category, TimeProvider time) : ILogger
{
    // The relaxed encoder still escapes control characters and quotes, which is all that a line of JSON outside HTML needs.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [ThreadStatic]
    private static Utf8JsonWriter? _writerOfThread;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        LineBuffer line = LineBuffer.Rent();
        Utf8JsonWriter json = _writerOfThread ??= new Utf8JsonWriter(line, WriterOptions);
        json.Reset(line);
        json.WriteStartObject();
        json.WriteString("time"u8, time.GetUtcNow().UtcDateTime);
        json.WriteString("level"u8, LevelName(logLevel));
        json.WriteString("category"u8, category);
        json.WriteNumber("event"u8, eventId.Id);
        json.WriteString("message"u8, formatter(state, exception));
        if (state is IReadOnlyList<KeyValuePair<string, object?>> values)
            WriteValues(json, values);
        if (exception is not null)
            json.WriteString("exception"u8, exception.ToString());
        json.WriteEndObject();
        json.Flush();
        line.Append("\n"u8);
        sink.Write(line.Written, logLevel >= LogLevel.Warning);
    }

    private static void WriteValues(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        json.WriteStartObject("values"u8);
        for (int i = 0; i < values.Count; i++)
        {
            (string name, object? value) = values[i];
            if (name == "{OriginalFormat}")
                continue;
            json.WritePropertyName(name);
            switch (value)
            {
                case null:
                    json.WriteNullValue();
                    break;
                case int number:
                    json.WriteNumberValue(number);
                    break;
                case long number:
                    json.WriteNumberValue(number);
                    break;
                case double number when double.IsFinite(number):
                    json.WriteNumberValue(number);
                    break;
                case bool truth:
                    json.WriteBooleanValue(truth);
                    break;
                default:
                    json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                    break;
            }
        }

        json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> LevelName(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace"u8,
        LogLevel.Debug => "debug"u8,
        LogLevel.Information => "info"u8,
        LogLevel.Warning => "warn"u8,
        LogLevel.Error => "error"u8,
        _ => "fatal"u8,
    };
}
