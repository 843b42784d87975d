using System.Diagnostics;
using SlimtaFast.Mail;
using SlimtaFast.Queue;

namespace SlimtaFast.Server.Hosting;

/// <summary>Passes messages on and tells when so many have come. Thread-safe.</summary>
internal sealed class CountingQueue : IMailQueue
{
    private readonly IMailQueue _inner;
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _count;
    private long _firstAt;
    private long _lastAt;

    /// <summary>Counts up to <paramref name="last"/> messages.</summary>
    public CountingQueue(IMailQueue inner, long last)
    {
        _inner = inner;
        Last = last;
    }

    /// <summary>How many messages to wait for.</summary>
    public long Last { get; }

    /// <summary>Ends with the last message.</summary>
    public Task Complete => _complete.Task;

    /// <summary>From the first to the last message; valid once complete.</summary>
    public TimeSpan Span => Stopwatch.GetElapsedTime(_firstAt, _lastAt);

    /// <inheritdoc/>
    public bool KeepsContents => _inner.KeepsContents;

    /// <inheritdoc/>
    public ContentWriter BeginContent(QueueId id, long? sizeHint) => _inner.BeginContent(id, sizeHint);

    /// <inheritdoc/>
    public ValueTask<EnqueueResult> EnqueueAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        long number = Interlocked.Increment(ref _count);
        if (number == 1)
            Volatile.Write(ref _firstAt, Stopwatch.GetTimestamp());
        if (number == Last)
        {
            Volatile.Write(ref _lastAt, Stopwatch.GetTimestamp());
            _complete.TrySetResult();
        }

        return _inner.EnqueueAsync(envelope, cancellationToken);
    }
}
