using System.Collections.Concurrent;

namespace SlimtaFast.TestKit.Load;

/// <summary>A next hop inside the test that keeps every message with its recipients, octet for octet.</summary>
public sealed class RecordingSink : MessageSink
{
    private readonly ConcurrentQueue<(IReadOnlyList<string> Recipients, byte[] Content)> _messages = new();

    /// <summary>How many messages wait to be taken.</summary>
    public int Waiting => _messages.Count;

    /// <summary>The next message that came; null where none comes within the limit.</summary>
    public async Task<(IReadOnlyList<string> Recipients, byte[] Content)?> TakeAsync(TimeSpan limit) =>
        await NewsAsync(limit) && _messages.TryDequeue(out (IReadOnlyList<string>, byte[]) message) ? message : null;

    /// <inheritdoc/>
    protected override void Take(IReadOnlyList<string> recipients, byte[] content) => _messages.Enqueue((recipients, content));
}
