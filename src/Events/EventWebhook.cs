using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Events.Buffers;
using SlimtaFast.Events.Webhooks;
using SlimtaFast.Mail;

namespace SlimtaFast.Events;

/// <summary>
/// Posts events to a URL, several at once and in the order in which they came. While it does not take them they wait, up to a number, and it is
/// tried again, more and more seldom: nothing within that number is lost, and what was taken although its answer was lost is sent a second time.
/// Events that it refuses for good (400, 413, 415 and 422) are dropped. What somebody has to put right first (401, 404 and the like, or a redirection) is told once, and
/// they wait, up to the same number, with the longest pauses. Thread-safe.
/// </summary>
public sealed class EventWebhook : IMailEventSink, IAsyncDisposable
{
    private readonly EventWebhookOptions _options;
    private readonly EventBuffer _buffer;
    private readonly WebhookPost _post;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Func<double> _random;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly Task _sending;
    private bool _isAway;
    private bool _needsSomebody;

    /// <summary>Begins to send.</summary>
    /// <param name="options">Where and how much.</param>
    /// <param name="logger">Where trouble is told; null for nowhere.</param>
    /// <param name="meters">Makes the meter <c>SlimtaFast.Events</c>; null to make it without a factory.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="random">Random numbers from 0 up to 1, for jitter; null for the system's.</param>
    /// <param name="handler">Makes the requests; null for the framework's own.</param>
    public EventWebhook(
        EventWebhookOptions options,
        ILogger<EventWebhook>? logger = null,
        IMeterFactory? meters = null,
        TimeProvider? time = null,
        Func<double>? random = null,
        HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Buffer, 1);
        _options = options;
        _logger = logger ?? (ILogger)NullLogger.Instance;
        _time = time ?? TimeProvider.System;
        _random = random ?? Random.Shared.NextDouble;
        _post = new WebhookPost(options, _time, handler);
        _buffer = new EventBuffer(options.Buffer, buffer => new EventMetrics(meters, "webhook", () => buffer.Count));
        _sending = Task.Run(SendAllAsync);
    }

    /// <inheritdoc/>
    public void Note(MailEvent what) => _buffer.Add(what);

    /// <summary>Sends what is left, for as long as <see cref="EventWebhookOptions.StopGrace"/>; what is not taken by then is dropped, and that is told.</summary>
    public async ValueTask DisposeAsync()
    {
        _buffer.Complete();
        await _stopping.CancelAsync();
        await using (_time.CreateTimer(static abandoned => ((CancellationTokenSource)abandoned!).Cancel(), _abandoned, _options.StopGrace, Timeout.InfiniteTimeSpan))
            await _sending;
        _post.Dispose();
        _buffer.Metrics.Dispose();
        _stopping.Dispose();
        _abandoned.Dispose();
    }

    private async Task SendAllAsync()
    {
        var batch = new List<MailEvent>(_options.Batch);
        while (!_abandoned.IsCancellationRequested && await _buffer.WaitAsync())
        {
            _buffer.Take(batch, _options.Batch);
            if (batch.Count < _options.Batch)
            {
                await PauseAsync(_options.Delay, _stopping.Token);
                _buffer.Take(batch, _options.Batch);
            }

            if (await TrySendAsync(batch))
                batch.Clear();
        }

        LeaveRest(batch.Count + _buffer.Count);
    }

    // False where the time to do so is over.
    private async Task<bool> TrySendAsync(List<MailEvent> batch)
    {
        TimeSpan pause = _options.FirstPause;
        while (!_abandoned.IsCancellationRequested)
        {
            WebhookAnswer answer = await _post.SendAsync(batch, _abandoned.Token);
            if (answer.Problem is null)
            {
                _buffer.Metrics.Written(batch.Count);
                if (_isAway)
                    EventLog.WebhookBack(_logger, _post.Name, _buffer.Metrics.DroppedSoFar);
                _isAway = _needsSomebody = false;
                return true;
            }

            _buffer.Metrics.Failed();
            if (answer.IsForGood)
            {
                _buffer.Metrics.Dropped(batch.Count);
                EventLog.WebhookRefused(_logger, _post.Name, batch.Count, answer.Problem);
                return true;
            }

            Tell(answer);
            // Nothing is to be expected of haste.
            if (answer.NeedsSomebody)
                pause = _options.LongestPause;
            // A stop ends the pause that runs, and has one more try made at once.
            await PauseAsync(pause * (0.5 + (0.5 * _random())), _stopping.IsCancellationRequested ? _abandoned.Token : _stopping.Token);
            pause = pause * 2 < _options.LongestPause ? pause * 2 : _options.LongestPause;
        }

        return false;
    }

    // Once for each time that it is away, and once more where it comes to need somebody.
    private void Tell(WebhookAnswer answer)
    {
        if (answer.NeedsSomebody && !_needsSomebody)
            EventLog.WebhookNeedsSomebody(_logger, _post.Name, answer.Problem!, _options.Buffer);
        else if (!_isAway)
            EventLog.WebhookAway(_logger, _post.Name, answer.Problem!);
        _isAway = true;
        _needsSomebody |= answer.NeedsSomebody;
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken hurry) =>
        await Task.Delay(pause, _time, hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void LeaveRest(int count)
    {
        if (count == 0)
            return;
        _buffer.Metrics.Dropped(count);
        EventLog.WebhookLeft(_logger, _post.Name, count);
    }
}
