using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Records;

namespace SlimtaFast.Storage.Cloud.Items;

/// <summary>
/// Takes away, beside the claims, what processes that died left of closed items: on a slow server each takes as long as claiming several others. Whatever is
/// not done here is found again. Thread-safe.
/// </summary>
internal sealed class ClosingQueue : IAsyncDisposable
{
    private const int AtOnce = 4;
    private const int MostWaiting = 1000;

    private readonly Lock _gate = new();
    private readonly ItemClosing _closing;
    private readonly RecordStore _records;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _turns = new(AtOnce);
    private readonly Dictionary<QueueId, Task> _waiting = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Makes a queue with nothing in it.</summary>
    public ClosingQueue(ItemClosing closing, RecordStore records, ILogger logger)
    {
        _closing = closing;
        _records = records;
        _logger = logger;
    }

    /// <summary>Has the objects of a closed item taken away; false where there is no room for it, or where the queue is disposed.</summary>
    public bool TryAdd(QueueId id, ItemRecord record)
    {
        lock (_gate)
        {
            if (_waiting.ContainsKey(id))
                return true;
            if (_waiting.Count >= MostWaiting || _stop.IsCancellationRequested)
                return false;

            // It ends by taking itself out, for which it needs the gate.
            _waiting.Add(id, Task.Run(() => FinishAsync(id, record)));
            return true;
        }
    }

    /// <summary>Ends when all that is in it now has been tried.</summary>
    public Task WhenIdleAsync()
    {
        lock (_gate)
            return Task.WhenAll(_waiting.Values);
    }

    /// <summary>Begins nothing more and gives up what is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
                return;
            _stop.Cancel();
        }

        await WhenIdleAsync().ConfigureAwait(false);
        _stop.Dispose();
        _turns.Dispose();
    }

    private async Task FinishAsync(QueueId id, ItemRecord record)
    {
        try
        {
            await _turns.WaitAsync(_stop.Token).ConfigureAwait(false);
            try
            {
                await _closing.FinishAsync(id, record, _stop.Token).ConfigureAwait(false);
            }
            finally
            {
                _turns.Release();
            }
        }
        catch (StorageException trouble)
        {
            CloudLog.CleaningFailed(_logger, _records.Objects.Description, id, trouble);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Whoever claims next finds it.
        }
        finally
        {
            lock (_gate)
                _waiting.Remove(id);
        }
    }
}
