using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>The scheduler's side of what senders ask of the delivery in time. None of it concerns a message without such terms.</summary>
internal sealed partial class Scheduler
{
    /// <summary>Ends an attempt that was not made, because it is too late for the message; its outcome is now being recorded.</summary>
    public void AttemptSpared(in QueueWork work)
    {
        lock (_gate)
        {
            _active--;
            _recording++;
            work.Hop.Active--;
            _slots[work.Slot].Place = SlotPlace.Recording;
            Enrol(work.Hop);
        }
    }

    // Holds a new item for its sender (RFC 4865), where its time has not come; it takes no memory meanwhile but its slot.
    private bool Hold(QueueItem item, string domain)
    {
        long due = item.State.DueAt.UtcTicks;
        lock (_gate)
        {
            if (item.Envelope.Terms?.HoldUntil is null || due <= Now)
                return false;
            int slot = _slots.Add(item.Envelope.Id, due, _domains.Acquire(domain), item.State.Attempts);
            Mark(slot, item);
            PushHeld(slot, due);
        }

        ArmTimer();
        return true;
    }

    // Of an item that is not due yet: one that was never attempted is what its sender had held.
    private static bool IsHeld(in QueueEntry entry) => entry.Attempts == 0 || entry.DueAt >= DeliveryState.HeldUntil;

    // What was never attempted and is not due yet is what its sender had held: an order that does not release it leaves it so.
    private void WaitUnattempted(int slot, long due)
    {
        _slots[slot].Due = due;
        if (due > Now)
            PushHeld(slot, due);
        else
            PushWaiting(slot, due);
    }

    // Notes what of a message's terms decides over the order of work. A state that is due behind the deadline was made after it (RFC 2852):
    // the sender has been told, or nobody wants to be.
    private void Mark(int slot, QueueItem item)
    {
        DeliveryTerms terms = item.Envelope.Terms!;
        ref QueueSlot entry = ref _slots[slot];
        entry.Priority = (sbyte)terms.Priority;
        entry.HasDeadline = terms.By is { IsPast: false } by && item.State.DueAt <= by.Deadline;
        if (entry.HasDeadline)
            entry.Due = terms.By!.Deadline.UtcTicks;
    }
}
