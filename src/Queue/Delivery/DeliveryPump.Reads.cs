using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Scheduling;

namespace SlimtaFast.Queue.Delivery;

/// <summary>Reading items back: to attempt them, and to see whether one whose hop is down has waited too long.</summary>
internal sealed partial class DeliveryPump
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReadAsync(QueueWork work)
    {
        QueueItem? item = await TryReadAsync(work);
        if (item is not null)
            _scheduler.ReadEnded(work, item);
    }

    private async ValueTask ReviewAsync(QueueWork work)
    {
        QueueItem? item = await TryReadAsync(work);
        if (item is null)
            return;
        Judgement? judgement = _judge.Review(item, work.Hop.LastTrouble, Now);
        if (judgement is null)
        {
            item.Envelope.Content.Release();
            _scheduler.ReviewEnded(work, item);
            return;
        }

        _scheduler.ReviewRecords(work);
        QueueLog.Reviewed(_environment.Logger, work, item, judgement);
        _metrics.Reviewed(judgement);
        if (_environment.Events is { } events)
            AttemptEvents.NoteReviewed(events, Now, work.Hop.Name, item, judgement);
        if (!await _recorder.RecordAsync(work.Slot, item, judgement))
            NoteRefused(work.Id, delivered: 0);
    }

    // Null where there is nothing to go on with; the scheduler knows already.
    private async ValueTask<QueueItem?> TryReadAsync(QueueWork work)
    {
        if (_leased is not null && !_leased.IsHeld(work.Id))
        {
            QueueLog.LeaseLost(_environment.Logger, work.Id);
            _metrics.LeaseLost();
            _scheduler.ReadFoundNothing(work);
            _leased.Forget(work.Id);
            return null;
        }

        try
        {
            QueueItem? item = await _storage.ReadAsync(work.Id, _cancel.Token);
            if (item is { State.IsClosed: false })
                return item;
            item?.Envelope.Content.Release();
            _scheduler.ReadFoundNothing(work);
            _leased?.Forget(work.Id);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (!_cancel.IsCancellationRequested)
                QueueLog.ReadFailed(_environment.Logger, work.Id, e);
            _scheduler.ReadFailed(work, Now + (ReadAgain * (1 + _environment.Random())));
        }

        return null;
    }
}
