using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>The scheduler's side of reading items back that are not resident.</summary>
internal sealed partial class Scheduler
{
    /// <summary>Hands over an item that was read back; its content's reference is the scheduler's now.</summary>
    public void ReadEnded(in QueueWork work, QueueItem item)
    {
        lock (_gate)
        {
            if (item.Envelope.Terms is not null)
                Mark(work.Slot, item);
            if (work.Hop.State == HopState.Suspended || _stopped)
            {
                EndReadAhead(work.Hop);
                Shelve(work.Hop, work.Slot);
                item.Envelope.Content.Release();
            }
            else
            {
                ref QueueSlot slot = ref _slots[work.Slot];
                slot.Resident = item;
                slot.ReadBack = true;
                slot.Place = SlotPlace.Loaded;
                work.Hop.Loaded.Push(_slots, work.Slot);
            }

            Enrol(work.Hop);
        }

        if (item.Envelope.Terms is not null)
            ArmTimer();
    }

    /// <summary>Ends a read or review of an item that is not there any more, or whose outcome was recorded meanwhile.</summary>
    public void ReadFoundNothing(in QueueWork work)
    {
        lock (_gate)
        {
            EndRead(work);
            Forget(work.Slot);
            Enrol(work.Hop);
        }
    }

    /// <summary>Ends a read that failed: the item is due again later, and other reads pause a little.</summary>
    public void ReadFailed(in QueueWork work, DateTimeOffset due)
    {
        lock (_gate)
        {
            EndRead(work);
            Wait(work.Slot, due.UtcTicks);
            _readsFrom = Now + ReadPause.Ticks;
            Enrol(work.Hop);
        }

        ArmTimer();
    }

    private bool TryTakeRead(out QueueWork work)
    {
        work = default;
        if (_readAhead >= _limits.Attempts || ReadsPause || !_rounds.TryTakeRead(out Hop? hop))
            return false;
        int slot = hop.TakeBacklog(_slots);
        _slots[slot].Place = SlotPlace.Reading;
        hop.ReadAhead++;
        _readAhead++;
        Enrol(hop);
        work = new QueueWork(WorkKind.Read, slot, _slots[slot].Id, hop, hop.Epoch, null);
        return true;
    }

    private void EndRead(in QueueWork work)
    {
        if (work.Kind == WorkKind.Review)
            _readAhead--;
        else
            EndReadAhead(work.Hop);
    }

    private void EndReadAhead(Hop hop)
    {
        hop.ReadAhead--;
        _readAhead--;
    }
}
