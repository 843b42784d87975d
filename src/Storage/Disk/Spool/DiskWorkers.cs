using System.Collections.Concurrent;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>
/// A few threads that block on the disk for others: neither a reactor nor the shared thread pool may. Jobs begin in the order in which
/// they were posted. Thread-safe.
/// </summary>
internal sealed class DiskWorkers : IDisposable
{
    private const int StackSize = 256 * 1024;

    private readonly BlockingCollection<IDiskJob> _jobs = new(new ConcurrentQueue<IDiskJob>());
    private readonly Thread[] _threads;

    /// <summary>Starts the threads.</summary>
    public DiskWorkers(string name, int threads)
    {
        _threads = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            _threads[i] = new Thread(Work, StackSize) { IsBackground = true, Name = name };
            _threads[i].Start();
        }
    }

    /// <summary>How many jobs can run at once.</summary>
    public int Count => _threads.Length;

    /// <summary>Has a job done. Once the workers are stopped, it is done at once.</summary>
    public void Post(IDiskJob job)
    {
        try
        {
            _jobs.Add(job);
        }
        catch (InvalidOperationException)
        {
            // Stopped: what is left is closing files, which must still happen.
            job.Run();
        }
    }

    /// <summary>Does what was posted and ends the threads.</summary>
    public void Dispose()
    {
        _jobs.CompleteAdding();
        foreach (Thread thread in _threads)
            thread.Join();
    }

    private void Work()
    {
        foreach (IDiskJob job in _jobs.GetConsumingEnumerable())
            job.Run();
    }
}
