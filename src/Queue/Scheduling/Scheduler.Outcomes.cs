using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>How the scheduler is told what became of the work that it handed out.</summary>
internal sealed partial class Scheduler
{
    /// <summary>Ends an attempt that showed what state the hop is in; its outcome is now being recorded.</summary>
    public void AttemptEnded(in QueueWork work, HopCondition condition, RecipientOutcome trouble)
    {
        lock (_gate)
        {
            _active--;
            _recording++;
            Learn(work, condition, trouble);
            work.Hop.Pace.Ended(Now);
            work.Hop.Active--;
            _slots[work.Slot].Place = SlotPlace.Recording;
            Enrol(work.Hop);
        }

        ArmTimer();
    }

    /// <summary>Ends an attempt that never began, because the hop is down: the item goes back and nothing is written.</summary>
    public void AttemptFoundHopDown(in QueueWork work, RecipientOutcome trouble)
    {
        lock (_gate)
        {
            _active--;
            Learn(work, HopCondition.Down, trouble);
            work.Hop.Active--;
            Shelve(work.Hop, work.Slot);
            Enrol(work.Hop);
        }

        ArmTimer();
    }

    /// <summary>Ends a review that leads to a state being recorded.</summary>
    public void ReviewRecords(in QueueWork work)
    {
        lock (_gate)
        {
            EndRead(work);
            _recording++;
            _slots[work.Slot].Place = SlotPlace.Recording;
            Enrol(work.Hop);
        }
    }

    /// <summary>Ends a review without a change: the item goes on waiting for its hop.</summary>
    public void ReviewEnded(in QueueWork work, QueueItem item)
    {
        lock (_gate)
        {
            EndRead(work);
            if (item.Envelope.Terms is not null)
                Mark(work.Slot, item);
            Shelve(work.Hop, work.Slot);
            Enrol(work.Hop);
        }

        ArmTimer();
    }

    /// <summary>An outcome is on stable storage: the item waits for its next attempt, or is gone.</summary>
    public void Recorded(int slot, DeliveryState state)
    {
        bool closed = state.IsClosed;
        lock (_gate)
        {
            _recording--;
            if (closed || _limits.Shared)
            {
                Forget(slot);
            }
            else
            {
                _slots[slot].Attempts = (ushort)Math.Min(state.Attempts, ushort.MaxValue);
                if (state.RoutingDomain is { } domain)
                    Reroute(slot, domain);
                if (state.Attempts == 0)
                    WaitUnattempted(slot, state.DueAt.UtcTicks);
                else
                    Wait(slot, state.DueAt.UtcTicks);
            }
        }

        if (!closed && !_limits.Shared)
            ArmTimer();
    }

    private void Learn(in QueueWork work, HopCondition condition, RecipientOutcome trouble)
    {
        Hop hop = work.Hop;
        switch (condition)
        {
            case HopCondition.Up:
                hop.Succeeded();
                break;
            case HopCondition.Busy when hop.RefusedMore(work.Epoch):
            case HopCondition.Down when hop.IsNews(work.Epoch):
                hop.LastTrouble = trouble;
                Unload(hop);
                _suspensions.Add(hop, Now, _random());
                break;
        }
    }
}
