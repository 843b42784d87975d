using SlimtaFast.Mail;
using SlimtaFast.Queue.Bounces;
using SlimtaFast.Queue.Scheduling;
using SlimtaFast.Queue.Sharing;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Delivery;

/// <summary>
/// Puts what an attempt brought on stable storage: the new state and its reports in one commit. What cannot be recorded stays in memory
/// and is tried again, more and more seldom, and the item is not attempted meanwhile. Thread-safe.
/// </summary>
internal sealed class OutcomeRecorder : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    // With its jitter shorter than other processes wait before they claim again what was delivered here.
    private static readonly TimeSpan LongestSharedPause = TimeSpan.FromSeconds(2);

    private readonly Scheduler _scheduler;
    private readonly IQueueStorage _storage;
    private readonly LeasedStorage? _leased;
    private readonly ReportFactory _reports;
    private readonly Action<QueueId> _note;
    private readonly Action<QueueItem> _accept;
    private readonly QueueEnvironment _environment;
    private readonly CancellationTokenSource _hurry = new();

    /// <summary>Makes a recorder.</summary>
    /// <param name="scheduler">Whom to tell.</param>
    /// <param name="storage">Where to record.</param>
    /// <param name="reports">Makes the reports.</param>
    /// <param name="note">Is told of each report before it is stored.</param>
    /// <param name="accept">Takes each report once it is stored.</param>
    /// <param name="environment">Clock, log and randomness.</param>
    public OutcomeRecorder(
        Scheduler scheduler, IQueueStorage storage, ReportFactory reports, Action<QueueId> note, Action<QueueItem> accept, QueueEnvironment environment)
    {
        _scheduler = scheduler;
        _storage = storage;
        _leased = storage as LeasedStorage;
        _reports = reports;
        _note = note;
        _accept = accept;
        _environment = environment;
    }

    /// <summary>
    /// Records a judgement and then tells the scheduler; never fails. The item's content is released here. False where the item had become another
    /// process's, so that nothing was recorded.
    /// </summary>
    public async Task<bool> RecordAsync(int slot, QueueItem item, Judgement judgement)
    {
        IReadOnlyList<QueueItem> reports = [];
        if (judgement.Reports is not null)
            reports = await _reports.MakeAsync(item, judgement);
        item.Envelope.Content.Release();
        foreach (QueueItem report in reports)
            _note(report.Envelope.Id);
        bool? recorded = await TryUpdateAsync(item.Envelope.Id, judgement.State, reports);
        if (recorded is not null)
        {
            _scheduler.Recorded(slot, judgement.State);
            for (int i = 0; recorded.Value && i < reports.Count; i++)
                _accept(reports[i]);
        }

        foreach (QueueItem report in reports)
            report.Envelope.Content.Release();
        return recorded != false;
    }

    /// <summary>Ends the waiting between tries: each outcome is tried once more, and then left as it is stored.</summary>
    public void HurryUp() => _hurry.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _hurry.Dispose();

    // Null where it was given up; false where the item is another process's.
    private async ValueTask<bool?> TryUpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> reports)
    {
        TimeSpan pause = FirstPause, longest = _leased is null ? LongestPause : LongestSharedPause;
        for (bool isRepeated = false; ; isRepeated = true)
        {
            bool last = _hurry.IsCancellationRequested;
            try
            {
                if (_leased is not null)
                    return await _leased.RecordAsync(id, state, reports, isRepeated, CancellationToken.None);
                await _storage.UpdateAsync(id, state, reports, CancellationToken.None);
                return true;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                QueueLog.RecordingFailed(_environment.Logger, id, last, e);
            }

            if (last)
                return null;
            await Task.Delay(pause * (0.5 + _environment.Random()), _environment.Time, _hurry.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            pause = pause * 2 < longest ? pause * 2 : longest;
        }
    }
}
