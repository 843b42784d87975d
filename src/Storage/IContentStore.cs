using SlimtaFast.Mail;

namespace SlimtaFast.Storage;

/// <summary>
/// Keeps contents that are too large to travel with their items, where all processes that have to do with the items can read them. Each item has a
/// content of its own here, under the item's name, so that nobody has to count who still needs it. All members are thread-safe; failures are
/// <see cref="StorageException"/>s.
/// </summary>
public interface IContentStore
{
    /// <summary>Opens the store.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Ends when the octets are on stable storage under the item's name; doing it again is no error.</summary>
    ValueTask KeepAsync(QueueId item, MessageContent content, CancellationToken cancellationToken);

    /// <summary>Opens an item's content, with one reference that the caller releases; null where there is none, or one of another length.</summary>
    ValueTask<MessageContent?> OpenAsync(EnvelopeHead head, CancellationToken cancellationToken);

    /// <summary>Removes an item's content; that there is none is no error.</summary>
    ValueTask RemoveAsync(QueueId item, CancellationToken cancellationToken);

    /// <summary>Removes the contents of items that were made before <paramref name="before"/>, which nobody can need any more.</summary>
    /// <returns>How many.</returns>
    ValueTask<int> SweepAsync(DateTimeOffset before, CancellationToken cancellationToken);
}
