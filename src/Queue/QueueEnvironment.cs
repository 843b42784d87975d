using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;

namespace SlimtaFast.Queue;

/// <summary>What a queue takes from its surroundings; every part has a default that is right for a program of one queue. Immutable.</summary>
public sealed record QueueEnvironment
{
    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Random numbers from 0 up to 1, for jitter. Called from several threads.</summary>
    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;

    /// <summary>Makes the ids of split messages and reports; null for a generator of the queue's own.</summary>
    public QueueIdGenerator? Ids { get; init; }

    /// <summary>Where to log.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Is told of deliveries, deferrals and bounces; null where nobody wants to know.</summary>
    public IMailEventSink? Events { get; init; }

    /// <summary>Makes the meter <c>SlimtaFast.Queue</c>; null to make it without a factory.</summary>
    public IMeterFactory? Meters { get; init; }

    /// <summary>
    /// Threads to start attempts on when they become ready elsewhere, in turn (a timer, or the loading at start); empty for the thread pool.
    /// Work that becomes ready on a thread with a context of its own stays there.
    /// </summary>
    public IReadOnlyList<SynchronizationContext> Threads { get; init; } = [];
}
