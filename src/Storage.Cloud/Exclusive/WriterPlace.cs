using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using SlimtaFast.Storage.Cloud.Records;

namespace SlimtaFast.Storage.Cloud.Exclusive;

/// <summary>
/// The place of the only writer: an object that its holder writes again and again. Whoever finds one that changes is refused; one that does not change
/// for the whole time, by the clock of the one who looks, was left behind. Thread-safe.
/// </summary>
internal sealed class WriterPlace : IAsyncDisposable
{
    private readonly IObjectStore _objects;
    private readonly TimeProvider _time;
    private readonly TimeSpan _holdTime;
    private readonly ILogger _logger;
    private readonly string _name = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():n}";
    private readonly CancellationTokenSource _stop = new();
    private Task _renewing = Task.CompletedTask;
    private long _renewedAt;
    private long _beat;
    private bool _isLost;

    /// <summary>Knows of a store; takes nothing yet.</summary>
    public WriterPlace(IObjectStore objects, TimeProvider time, TimeSpan holdTime, ILogger logger)
    {
        _objects = objects;
        _time = time;
        _holdTime = holdTime;
        _logger = logger;
    }

    /// <summary>True while it is this process's for sure: it is not any more when it was not renewed for half of the time, so that a write begun just before has ended when another takes the place.</summary>
    public bool IsHeld => !Volatile.Read(ref _isLost) && Volatile.Read(ref _renewedAt) != 0 && _time.GetElapsedTime(Volatile.Read(ref _renewedAt)) < _holdTime / 2;

    /// <summary>Takes the place, waiting for one that was left behind.</summary>
    /// <exception cref="StorageException">Another process has it.</exception>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        long looked = _time.GetTimestamp();
        if (await FindAsync(cancellationToken).ConfigureAwait(false) is { } found)
        {
            string holder = HolderOf(found);
            CloudLog.WaitingForPlace(_logger, _objects.Description, holder, _holdTime.TotalSeconds);
            await Task.Delay(_holdTime, _time, cancellationToken).ConfigureAwait(false);
            looked = _time.GetTimestamp();
            if (await FindAsync(cancellationToken).ConfigureAwait(false) is { } later && !later.Bytes.Span.SequenceEqual(found.Bytes.Span))
                throw Taken(HolderOf(later));
        }

        if (!await WriteAsync(looked, cancellationToken).ConfigureAwait(false))
            throw Taken("another process that started now");
        _renewing = RenewAsync(_stop.Token);
    }

    /// <summary>Fails where another process may write by now.</summary>
    public void ThrowIfLost()
    {
        if (!IsHeld)
            throw new StorageException(StorageFailure.Unavailable, $"This process is not the only writer of {_objects.Description} any more.");
    }

    /// <summary>Gives the place up.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _stop.Dispose();
        if (!IsHeld)
            return;
        try
        {
            await _objects.DeleteAsync([ObjectNames.Writer], CancellationToken.None).ConfigureAwait(false);
        }
        catch (StorageException trouble)
        {
            // The next one waits for it.
            CloudLog.PlaceNotRenewed(_logger, _objects.Description, trouble);
        }
    }

    // Twice where there is none: a store may miss an object that is just being replaced, and its holder does not replace it twice at once.
    private async Task<StoredObject?> FindAsync(CancellationToken cancellationToken) =>
        await _objects.GetAsync(ObjectNames.Writer, cancellationToken).ConfigureAwait(false)
        ?? await _objects.GetAsync(ObjectNames.Writer, cancellationToken).ConfigureAwait(false);

    private static string HolderOf(StoredObject found) => Encoding.UTF8.GetString(found.Bytes.Span).Split(' ')[0];

    private StorageException Taken(string holder) =>
        new(StorageFailure.Unavailable, $"{_objects.Description} is in use by {holder}, and does not write conditionally, so that one process only may use it.");

    // False where another process has the place. When it was found free, or ours, is told.
    private async Task<bool> WriteAsync(long looked, CancellationToken cancellationToken)
    {
        bool isCertain = Volatile.Read(ref _renewedAt) != 0 && IsHeld;
        TimeSpan soon = _holdTime / 20;
        while (true)
        {
            long asked = _time.GetTimestamp();
            byte[] bytes = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_name} {++_beat}"));
            await _objects.PutAsync(ObjectNames.Writer, bytes, [], PutCondition.None, cancellationToken).ConfigureAwait(false);

            // Two may come at the same moment, and the one who wrote last has it. Who wrote so soon after he looked is seen by the other before that one begins.
            // Who took longer may have written over the name of one who is at work: he waits until that one has noticed it and ended, and begins anew.
            bool isSoon = _time.GetElapsedTime(looked) < soon;
            if (!isCertain)
            {
                await Task.Delay(isSoon ? soon : _holdTime, _time, cancellationToken).ConfigureAwait(false);
                looked = _time.GetTimestamp();
                if (!await IsOursAsync(cancellationToken).ConfigureAwait(false))
                    return false;
                if (!isSoon)
                    continue;
            }

            Volatile.Write(ref _renewedAt, asked);
            return true;
        }
    }

    private async Task<bool> IsOursAsync(CancellationToken cancellationToken) =>
        await FindAsync(cancellationToken).ConfigureAwait(false) is { } found && HolderOf(found) == _name;

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(_holdTime / 8, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
                return;
            try
            {
                // One that was stopped for long must not write over its successor's name; after an outage in which nobody came it goes on.
                long looked = _time.GetTimestamp();
                if (await IsOursAsync(cancellationToken).ConfigureAwait(false) && await WriteAsync(looked, cancellationToken).ConfigureAwait(false))
                    continue;
                Volatile.Write(ref _isLost, true);
                CloudLog.PlaceLost(_logger, _objects.Description);
                return;
            }
            catch (StorageException trouble)
            {
                CloudLog.PlaceNotRenewed(_logger, _objects.Description, trouble);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
