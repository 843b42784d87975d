namespace SlimtaFast.Storage.Cloud;

/// <summary>
/// A queue that tells processes of items that may be claimed. A message that was received is hidden from others for a time and comes back where it is
/// not deleted. Messages may be lost, doubled or late: the objects decide. All members are thread-safe and fail with <see cref="StorageException"/>.
/// </summary>
public interface IMessageQueue : IAsyncDisposable
{
    /// <summary>What it is, for an operator: without secrets.</summary>
    string Description { get; }

    /// <summary>How long a message may be delayed at most; zero where it cannot.</summary>
    TimeSpan LongestDelay { get; }

    /// <summary>How long a received message may be hidden at most.</summary>
    TimeSpan LongestHidden { get; }

    /// <summary>True where a message that others should see later may be hidden so long with <see cref="HideAsync"/>, rather than be deleted.</summary>
    bool HidesSingly { get; }

    /// <summary>Makes the connection and checks that the queue is there.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Sends messages.</summary>
    ValueTask SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken);

    /// <summary>Receives messages, and hides them from others; waits for the first one for a while.</summary>
    /// <param name="max">How many at most.</param>
    /// <param name="hidden">For how long they are hidden, at least.</param>
    /// <param name="wait">How long to wait at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask<IReadOnlyList<ReceivedMessage>> ReceiveAsync(int max, TimeSpan hidden, TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>Has received messages stay hidden so long from now; zero gives them back. Receipts that are over are passed over.</summary>
    ValueTask HideAsync(IReadOnlyList<string> receipts, TimeSpan hidden, CancellationToken cancellationToken);

    /// <summary>Deletes received messages. Receipts that are over are passed over.</summary>
    ValueTask DeleteAsync(IReadOnlyList<string> receipts, CancellationToken cancellationToken);
}
