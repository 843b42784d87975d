using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace SlimtaFast.Events.Tests;

/// <summary>The levels of what a webhook logged.</summary>
internal sealed class CollectedLog : ILogger<EventWebhook>
{
    private readonly ConcurrentQueue<LogLevel> _levels = new();

    public IEnumerable<LogLevel> Levels => _levels;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _levels.Enqueue(logLevel);
}
