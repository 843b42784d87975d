namespace SlimtaFast.Storage.Cloud.Tests.Memory;

/// <summary>The contract of a message queue, kept in memory, for the tests of what builds on it.</summary>
internal sealed class MemoryMessageQueue(MemoryBroker broker) : IMessageQueue
{
    public string Description => "memory queue";

    public TimeSpan LongestDelay => broker.CanDelay ? TimeSpan.FromMinutes(15) : TimeSpan.Zero;

    public TimeSpan LongestHidden => TimeSpan.FromHours(12);

    public bool HidesSingly => broker.CanDelay;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        foreach (OutgoingMessage message in messages)
            broker.Send(message.Body, message.Delay);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<IReadOnlyList<ReceivedMessage>> ReceiveAsync(int max, TimeSpan hidden, TimeSpan wait, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(wait);
        while (true)
        {
            (List<ReceivedMessage> messages, Task news, TimeSpan next) = broker.Receive(max, hidden);
            if (messages.Count > 0)
                return messages;
            await Task.WhenAny(news, Task.Delay(next > TimeSpan.Zero ? next : TimeSpan.FromMilliseconds(1), limit.Token));
            cancellationToken.ThrowIfCancellationRequested();
            if (limit.IsCancellationRequested)
                return [];
        }
    }

    public ValueTask HideAsync(IReadOnlyList<string> receipts, TimeSpan hidden, CancellationToken cancellationToken)
    {
        broker.Hide(receipts, hidden);
        return ValueTask.CompletedTask;
    }

    public ValueTask DeleteAsync(IReadOnlyList<string> receipts, CancellationToken cancellationToken)
    {
        broker.Delete(receipts);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
