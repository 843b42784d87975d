using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Events.Buffers;
using SlimtaFast.Events.Files;
using SlimtaFast.Mail;

namespace SlimtaFast.Events;

/// <summary>
/// Writes events to a file, a line of JSON each, and begins a new file when it is large. Events are handed to the system in the order in which
/// they came, within a moment; they are not flushed to the disk as mail is. Where the file cannot be written they are dropped and counted, and
/// mail goes on. Thread-safe.
/// </summary>
public sealed class EventFile : IMailEventSink, IAsyncDisposable
{
    private const int MostAtOnce = 1000;

    private readonly EventBuffer _buffer;
    private readonly RotatingFile _file;
    private readonly ILogger _logger;
    private readonly Task _writing;
    private bool _isFailing;

    /// <summary>Opens the file; fails with <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> where that cannot be done.</summary>
    /// <param name="options">Where and how much.</param>
    /// <param name="logger">Where trouble is told; null for nowhere.</param>
    /// <param name="meters">Makes the meter <c>SlimtaFast.Events</c>; null to make it without a factory.</param>
    public EventFile(EventFileOptions options, ILogger<EventFile>? logger = null, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Files, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Buffer, 1);
        _logger = logger ?? (ILogger)NullLogger.Instance;
        _file = new RotatingFile(options.Path, options.MaxSize, options.Files);
        _buffer = new EventBuffer(options.Buffer, buffer => new EventMetrics(meters, "file", () => buffer.Count));
        _writing = Task.Run(WriteAllAsync);
    }

    /// <inheritdoc/>
    public void Note(MailEvent what) => _buffer.Add(what);

    /// <summary>Writes what is left and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _buffer.Complete();
        await _writing;
        _file.Dispose();
        _buffer.Metrics.Dispose();
    }

    private async Task WriteAllAsync()
    {
        var batch = new List<MailEvent>();
        while (await _buffer.WaitAsync())
        {
            batch.Clear();
            _buffer.Take(batch, MostAtOnce);
            Write(batch);
        }
    }

    private void Write(List<MailEvent> batch)
    {
        try
        {
            _file.Write(batch);
            _buffer.Metrics.Written(batch.Count);
            if (_isFailing)
                EventLog.FileWritten(_logger, _file.Path, _buffer.Metrics.DroppedSoFar);
            _isFailing = false;
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            _buffer.Metrics.Failed();
            _buffer.Metrics.Dropped(batch.Count);
            if (!_isFailing)
                EventLog.FileNotWritten(_logger, _file.Path, trouble);
            _isFailing = true;
        }
    }
}
