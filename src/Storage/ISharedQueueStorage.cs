using SlimtaFast.Mail;

namespace SlimtaFast.Storage;

/// <summary>
/// A storage that several processes share. Nobody loads all of it: each process claims what is due, and has it leased for a time that it
/// renews while it works. A lease that is not renewed ends, and the item is handed out anew with a higher epoch; what its earlier holder
/// records after that is refused. Times are measured by the storage's clock, so that those of the processes need not agree.
/// All members are thread-safe.
/// </summary>
/// <remarks>
/// What <see cref="IQueueStorage"/> has is for whoever needs no lease: writing leaves the items to whoever claims them first, and
/// updating or removing takes an item from its holder, who finds that out by its epoch.
/// </remarks>
public interface ISharedQueueStorage : IQueueStorage
{
    /// <summary>
    /// Whether what is written with a lease is the writer's. Where it is not, new items and bounces are left to whoever claims them, and the lease is not
    /// looked at.
    /// </summary>
    bool LeasesNewItems => true;

    /// <summary>Whether an item can be taken by its id, whenever it is due; false where what waits can be handed out in no other order than the storage's own.</summary>
    bool ClaimsById => true;

    /// <summary>Whether all items can be listed by <see cref="ListAsync"/>, whoever has them; false where only their holders know of them.</summary>
    bool ListsAll => false;

    /// <summary>
    /// Like <see cref="IQueueStorage.WriteAsync"/>, and leases the items to the caller under <see cref="QueueLease.First"/>, so that a first attempt
    /// need not ask the storage.
    /// </summary>
    /// <param name="items">The items.</param>
    /// <param name="lease">For how long.</param>
    /// <param name="cancellationToken">Gives up waiting, not the write.</param>
    ValueTask WriteAsync(IReadOnlyList<QueueItem> items, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>
    /// Takes items that are due and that nobody holds. A part of the storage that does not answer keeps nothing from the others. An item whose lease ended
    /// before its own due time waits for that time again, and one that an operator holds (<see cref="DeliveryState.IsHeld"/>) is never among them.
    /// </summary>
    /// <param name="max">How many at most.</param>
    /// <param name="lease">For how long they are the caller's.</param>
    /// <param name="cancellationToken">Gives up waiting; what was claimed then comes back when its lease ends.</param>
    /// <exception cref="StorageException">No part answers.</exception>
    ValueTask<ClaimResult> ClaimDueAsync(int max, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>
    /// Takes one item, whether it is due or not; null where there is none of that id, or where somebody holds it. Its holder gives it back with an outcome, or
    /// with its own due time where it is to wait as before.
    /// </summary>
    /// <param name="id">The item.</param>
    /// <param name="lease">For how long it is the caller's.</param>
    /// <param name="cancellationToken">Gives up waiting; an item that was claimed then comes back when its lease ends, or when it is due.</param>
    /// <exception cref="NotSupportedException">Not by this storage: <see cref="ClaimsById"/> is false.</exception>
    /// <exception cref="StorageException">Where the item would be does not answer.</exception>
    ValueTask<ClaimedItem?> ClaimAsync(QueueId id, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>
    /// Names items a page at a time, whoever has them and whenever they are due. One that is there all the while is on a page, and as a rule on one only; what
    /// comes or goes meanwhile may be on none. The order is the storage's own. Going on from page to page ends, however fast items come.
    /// </summary>
    /// <param name="onlyHeld">
    /// True for those that an operator holds (<see cref="DeliveryState.IsHeld"/>), which are found without looking at the others. One that somebody has just now
    /// may not be among them.
    /// </param>
    /// <param name="cursor">Where to go on, as the page before told with the same <paramref name="onlyHeld"/>; null to begin.</param>
    /// <param name="max">About how many: what the storage names at once is not cut.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">The cursor is none.</exception>
    /// <exception cref="NotSupportedException">Not by this storage: <see cref="ListsAll"/> is false.</exception>
    /// <exception cref="StorageException">The storage, or a part of it, does not answer.</exception>
    ValueTask<QueueEntryPage> ListAsync(bool onlyHeld, string? cursor, int max, CancellationToken cancellationToken) => throw new NotSupportedException("This storage lists nothing that another process has.");

    /// <summary>Has leases end so long from now. A part of the storage that does not answer keeps nothing from the others.</summary>
    /// <exception cref="StorageException">Nothing is known of any of them.</exception>
    ValueTask<RenewResult> RenewAsync(IReadOnlyList<QueueLease> leases, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Gives items back without an outcome; those that are the caller's no more are passed over.</summary>
    /// <exception cref="StorageException">Some may not be given back, because a part of the storage did not answer; the others are.</exception>
    ValueTask ReleaseAsync(IReadOnlyList<LeaseRelease> releases, CancellationToken cancellationToken);

    /// <summary>
    /// Like <see cref="IQueueStorage.UpdateAsync"/> for the holder of a lease, which ends with it: where the item is still open, it waits for whoever
    /// claims it when it is due. False, and nothing is changed, where the lease is the caller's no more. Repeating an update whose answer was lost
    /// is safe: it may be answered false, but never changes anything twice. What its bounces are by then it does not tell: whoever repeats one claims
    /// them like anybody else.
    /// </summary>
    /// <param name="lease">The holder's lease.</param>
    /// <param name="state">The next state.</param>
    /// <param name="bounces">New items of the same commit, which are leased to the caller under <see cref="QueueLease.First"/>.</param>
    /// <param name="bounceLease">For how long; zero leaves them to whoever claims them.</param>
    /// <param name="cancellationToken">Gives up waiting, not the write.</param>
    ValueTask<bool> UpdateAsync(QueueLease lease, DeliveryState state, IReadOnlyList<QueueItem> bounces, TimeSpan bounceLease, CancellationToken cancellationToken);

    /// <summary>Forgets an item; false, and nothing is changed, where the lease is the caller's no more or the item is gone.</summary>
    ValueTask<bool> RemoveAsync(QueueLease lease, CancellationToken cancellationToken);

    /// <summary>Ends when the storage, or a part of it, would take a change; nothing is changed.</summary>
    /// <exception cref="StorageException">It would not.</exception>
    ValueTask PingAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Has <paramref name="notice"/> called, on any thread, when another process left something that may be claimed at once. A notice may get lost;
    /// <see cref="ClaimResult.NextIn"/> and asking again now and then make up for that.
    /// </summary>
    /// <returns>Ends the calls when it is disposed.</returns>
    IDisposable Watch(Action notice);
}
