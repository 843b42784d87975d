namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>
/// A few threads that block on the disk for others: neither a reactor nor the shared thread pool may. Jobs begin in the order in which
/// they were posted. Thread-safe.
/// </summary>
internal sealed class DiskWorkers : IDisposable
{
    private const int StackSize = 256 * 1024;

    private readonly object _gate = new();
    private readonly Queue<IDiskJob> _jobs = new();
    private readonly Thread[] _threads;
    private int _idle;
    private bool _stopped;

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
        bool stopped;
        lock (_gate)
        {
            stopped = _stopped;
            if (!stopped)
            {
                _jobs.Enqueue(job);
                // A thread that is awake looks for more before it sleeps.
                if (_idle > 0)
                    Monitor.Pulse(_gate);
            }
        }

        // Stopped: what is left is closing files, which must still happen.
        if (stopped)
            job.Run();
    }

    /// <summary>Does what was posted and ends the threads.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads)
            thread.Join();
    }

    private void Work()
    {
        while (Take() is { } job)
            job.Run();
    }

    private IDiskJob? Take()
    {
        lock (_gate)
        {
            IDiskJob? job;
            while (!_jobs.TryDequeue(out job) && !_stopped)
            {
                _idle++;
                Monitor.Wait(_gate);
                _idle--;
            }

            return job;
        }
    }
}
