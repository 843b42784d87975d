using System.Buffers;
using System.Collections.Concurrent;
using SlimtaFast.Mail;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge.Tests;

/// <summary>Keeps what it is given as bytes, and answers what it is told to.</summary>
internal sealed class CollectingQueue : IMailQueue, IDisposable
{
    private readonly ConcurrentQueue<(Envelope Envelope, byte[] Bytes)> _messages = new();
    private readonly SemaphoreSlim _arrived = new(0);

    /// <summary>What to answer; 250 unless changed.</summary>
    public EnqueueResult Answer { get; set; } = new(new SmtpReply(250, "2.0.0", "Ok"));

    /// <summary>What the spill writer throws at its first octet, or null.</summary>
    public Exception? SpillFailure { get; set; }

    /// <summary>Awaited before an answer.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Contents that went to the queue's medium.</summary>
    public int Spilled { get; private set; }

    /// <summary>Everything that came.</summary>
    public IReadOnlyList<(Envelope Envelope, byte[] Bytes)> Messages => [.. _messages];

    /// <summary>Waits for the next message to be offered.</summary>
    public Task ArrivalAsync() => _arrived.WaitAsync(TimeSpan.FromSeconds(10));

    /// <inheritdoc/>
    public ContentWriter BeginContent(QueueId id, long? sizeHint)
    {
        Spilled++;
        return new PooledContentWriter(id, SpillFailure is null ? int.MaxValue : 0, null, _ => throw SpillFailure!);
    }

    /// <inheritdoc/>
    public async ValueTask<EnqueueResult> EnqueueAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        byte[] bytes = envelope.Content.TryGetMemory(out ReadOnlySequence<byte> content) ? content.ToArray() : [];
        _arrived.Release();
        await Gate;
        _messages.Enqueue((envelope, bytes));
        return Answer;
    }

    public void Dispose() => _arrived.Dispose();
}
