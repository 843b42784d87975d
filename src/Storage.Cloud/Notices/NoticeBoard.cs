using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Records;

namespace SlimtaFast.Storage.Cloud.Notices;

/// <summary>
/// Tells other processes of items by a queue, and is told. A message that was received stays hidden while its item is held here, is renewed with the
/// lease and deleted with the outcome, so that it comes back to others when this process dies. Nothing depends on it: what gets lost is found in the list
/// of due times. Thread-safe.
/// </summary>
internal sealed class NoticeBoard : IAsyncDisposable
{
    private const int AtOnce = 10;
    private const int MostForeignReceives = 10;
    private const int MostWaiting = 1000;
    private const int MostPending = 1000;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly IMessageQueue _queue;
    private readonly TimeProvider _time;
    private readonly Action _notify;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<QueueId, string> _received = new();
    private readonly ConcurrentDictionary<QueueId, string> _held = new();
    private readonly ConcurrentDictionary<Task, bool> _pending = new();
    private Task? _receiving;
    private int _running;
    private long _hiddenTicks = TimeSpan.FromMinutes(1).Ticks;

    /// <summary>Uses a queue; receives nothing yet.</summary>
    public NoticeBoard(IMessageQueue queue, TimeProvider time, Action notify, ILogger logger)
    {
        _queue = queue;
        _time = time;
        _notify = notify;
        _logger = logger;
    }

    /// <summary>Begins to receive, once.</summary>
    public void Listen()
    {
        lock (_held)
            _receiving ??= ReceiveAsync(_stop.Token);
    }

    /// <summary>Tells of items, of which each may be claimed after a while; where the queue cannot delay so long it tells nothing of later ones.</summary>
    public void Tell(IEnumerable<(QueueId Id, ItemRecord Record)> items, long now)
    {
        var messages = new List<OutgoingMessage>();
        foreach ((QueueId id, ItemRecord record) in items)
        {
            TimeSpan delay = TimeSpan.FromMilliseconds(Math.Max(0, Math.Min(record.Until - now, 1000L * 60 * 60 * 24 * 365)));
            if (delay > TimeSpan.Zero && _queue.LongestDelay == TimeSpan.Zero)
                continue;

            // One that comes too early is hidden again by whoever receives it.
            messages.Add(new OutgoingMessage(NoticeText.Format(id, record.Timestamp), delay < _queue.LongestDelay ? delay : _queue.LongestDelay));
        }

        if (messages.Count > 0)
            Run(token => _queue.SendAsync(messages, token));
    }

    /// <summary>Takes the items that messages told of and nobody looked at yet.</summary>
    public List<QueueId> Take(TimeSpan hidden)
    {
        Volatile.Write(ref _hiddenTicks, hidden.Ticks);
        return [.. _received.Keys];
    }

    /// <summary>Notes that an item is held here, with the message that told of it.</summary>
    public void Hold(QueueId id)
    {
        if (_received.TryRemove(id, out string? receipt) && !_held.TryAdd(id, receipt))
            Run(token => _queue.DeleteAsync([receipt], token));
    }

    /// <summary>Renews the messages of items.</summary>
    public void Renew(IEnumerable<QueueId> ids, TimeSpan hidden)
    {
        string[] receipts = [.. ids.Select(id => _held.GetValueOrDefault(id)).OfType<string>()];
        if (receipts.Length > 0)
            Run(token => _queue.HideAsync(receipts, Shorter(hidden), token));
    }

    /// <summary>Deletes the message of an item that is gone, or of which another message tells.</summary>
    public void Delete(QueueId id)
    {
        string[] receipts = [.. new[] { TakeOut(_held, id), TakeOut(_received, id) }.OfType<string>()];
        if (receipts.Length > 0)
            Run(token => _queue.DeleteAsync(receipts, token));
    }

    /// <summary>
    /// Puts the message of an item off that may be claimed after a while; false where there is no message, or it cannot be put off, so that another has to
    /// be sent.
    /// </summary>
    public bool PutOff(QueueId id, long untilMilliseconds, long now)
    {
        if ((TakeOut(_held, id) ?? TakeOut(_received, id)) is not { } receipt)
            return false;
        TimeSpan hidden = TimeSpan.FromMilliseconds(Math.Clamp(untilMilliseconds - now, 0, (long)_queue.LongestHidden.TotalMilliseconds));
        if (!_queue.HidesSingly)
        {
            Run(token => _queue.DeleteAsync([receipt], token));
            return false;
        }

        Run(token => _queue.HideAsync([receipt], hidden, token));
        return true;
    }

    /// <summary>Ends when nothing is on its way any more.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(_pending.Keys);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_receiving is not null)
            await _receiving.ConfigureAwait(false);
        await WhenIdleAsync().ConfigureAwait(false);
        _stop.Dispose();
        await _queue.DisposeAsync().ConfigureAwait(false);
    }

    private static string? TakeOut(ConcurrentDictionary<QueueId, string> receipts, QueueId id) => receipts.TryRemove(id, out string? receipt) ? receipt : null;

    private TimeSpan Shorter(TimeSpan hidden) => hidden < _queue.LongestHidden ? hidden : _queue.LongestHidden;

    private void Run(Func<CancellationToken, ValueTask> send)
    {
        // A queue that cannot keep up, or is gone, must not have them pile up: what is not told is found by listing.
        if (Interlocked.Increment(ref _running) > MostPending)
        {
            Interlocked.Decrement(ref _running);
            return;
        }

        Task running = TryAsync(send);
        if (running.IsCompleted)
            return;
        _pending.TryAdd(running, true);
        running.ContinueWith(static (ended, pending) => ((ConcurrentDictionary<Task, bool>)pending!).TryRemove(ended, out _), _pending, TaskScheduler.Default);
    }

    private async Task TryAsync(Func<CancellationToken, ValueTask> send)
    {
        try
        {
            await send(CancellationToken.None).ConfigureAwait(false);
        }
        catch (StorageException trouble)
        {
            CloudLog.QueueFailed(_logger, _queue.Description, trouble);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        TimeSpan pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            // Those that nobody claims here come back to others when their time is over.
            if (_received.Count >= MostWaiting)
                _received.Clear();
            try
            {
                TimeSpan hidden = Shorter(TimeSpan.FromTicks(Volatile.Read(ref _hiddenTicks)));
                IReadOnlyList<ReceivedMessage> messages = await _queue.ReceiveAsync(AtOnce, hidden, Wait, cancellationToken).ConfigureAwait(false);
                pause = FirstPause;
                Take(messages);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (StorageException trouble)
            {
                CloudLog.QueueFailed(_logger, _queue.Description, trouble);
                await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private void Take(IReadOnlyList<ReceivedMessage> messages)
    {
        bool isNews = false;
        foreach (ReceivedMessage message in messages)
        {
            if (!NoticeText.TryParse(message.Body, out QueueId id))
            {
                if (message.Receives is 0 or 1 or >= MostForeignReceives)
                    CloudLog.ForeignMessage(_logger, _queue.Description, message.Receives);
                if (message.Receives >= MostForeignReceives)
                    Run(token => _queue.DeleteAsync([message.Receipt], token));
                continue;
            }

            // A second message of an item that is here: one is enough.
            if (_held.ContainsKey(id))
                Run(token => _queue.DeleteAsync([message.Receipt], token));
            else
                _received[id] = message.Receipt;
            isNews = true;
        }

        if (isNews)
            _notify();
    }
}
