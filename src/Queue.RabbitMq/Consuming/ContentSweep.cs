using Microsoft.Extensions.Logging;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.RabbitMq.Consuming;

/// <summary>Looks now and then for contents that a crash left behind, by their age. Thread-safe.</summary>
internal sealed class ContentSweep : IAsyncDisposable
{
    private static readonly TimeSpan MostPause = TimeSpan.FromHours(6);

    private readonly IContentStore _store;
    private readonly TimeSpan _age;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _starting = new();
    private Task? _running;

    /// <summary>Makes a sweep that has not begun.</summary>
    public ContentSweep(IContentStore store, TimeSpan age, TimeProvider time, ILogger logger)
    {
        _store = store;
        _age = age;
        _time = time;
        _logger = logger;
    }

    /// <summary>Begins, where that was not done.</summary>
    public void Start()
    {
        lock (_starting)
            _running ??= Task.Run(RunAsync);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_running is not null)
            await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                int count = await _store.SweepAsync(_time.GetUtcNow() - _age, _stop.Token).ConfigureAwait(false);
                if (count > 0)
                    RabbitMqLog.Swept(_logger, count);
            }
            catch (Exception trouble) when (trouble is StorageException or OperationCanceledException)
            {
                if (!_stop.IsCancellationRequested)
                    RabbitMqLog.SweepFailed(_logger, trouble);
            }

            await Task.Delay(_age < MostPause ? _age : MostPause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
