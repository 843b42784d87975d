using System.Runtime.ExceptionServices;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>
/// Several scratch files written and flushed at the same time, since each flush waits for the disk by itself. One thread runs a batch.
/// </summary>
internal sealed class SpoolBatch : IDisposable
{
    private readonly Func<int, string> _write;
    private readonly string?[] _paths;
    private readonly CountdownEvent _left;
    private ExceptionDispatchInfo? _failure;
    private int _next = -1;

    private SpoolBatch(int count, Func<int, string> write, int threads)
    {
        _write = write;
        _paths = new string?[count];
        _left = new CountdownEvent(threads);
    }

    /// <summary>Writes all files, or removes those written and fails.</summary>
    /// <param name="count">How many.</param>
    /// <param name="write">Writes the file of an index, on any thread, and returns its scratch path.</param>
    /// <param name="abandon">Removes a scratch file.</param>
    /// <param name="workers">Help with it.</param>
    public static string[] Write(int count, Func<int, string> write, Action<string> abandon, DiskWorkers workers)
    {
        if (count == 1)
            return [write(0)];
        int threads = Math.Min(count, workers.Count);
        using var batch = new SpoolBatch(count, write, threads);
        for (int i = 0; i < threads; i++)
            workers.Post(new Share(batch));
        batch._left.Wait();
        if (batch._failure is null)
            return batch._paths!;
        foreach (string? path in batch._paths)
        {
            if (path is not null)
                abandon(path);
        }

        batch._failure.Throw();
        throw new InvalidOperationException();
    }

    /// <inheritdoc/>
    public void Dispose() => _left.Dispose();

    private void RunShare()
    {
        try
        {
            for (int i; _failure is null && (i = Interlocked.Increment(ref _next)) < _paths.Length;)
                _paths[i] = _write(i);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
        }

        _left.Signal();
    }

    private sealed class Share(SpoolBatch batch) : IDiskJob
    {
        public void Run() => batch.RunShare();
    }
}
