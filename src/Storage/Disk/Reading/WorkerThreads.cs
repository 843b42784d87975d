using System.Globalization;

namespace SlimtaFast.Storage.Disk.Reading;

/// <summary>
/// A few threads of the storage's own for calls that block on the disk: neither a reactor nor the thread pool waits for a platter.
/// Thread-safe. Disposing finishes what is queued.
/// </summary>
internal sealed class WorkerThreads : IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<IWorkItem> _queue = new();
    private readonly Thread[] _threads;
    private int _idle;
    private bool _stopping;

    /// <summary>Starts so many threads.</summary>
    public WorkerThreads(string name, int count)
    {
        _threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            _threads[i] = new Thread(Run) { IsBackground = true, Name = string.Create(CultureInfo.InvariantCulture, $"{name} {i + 1}") };
            _threads[i].Start();
        }
    }

    /// <summary>Queues work; false where the threads are being stopped.</summary>
    public bool TryPost(IWorkItem item)
    {
        lock (_gate)
        {
            if (_stopping)
                return false;
            _queue.Enqueue(item);
            if (_idle > 0)
                Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads)
            thread.Join();
    }

    private void Run()
    {
        while (true)
        {
            IWorkItem? item;
            lock (_gate)
            {
                while (!_queue.TryDequeue(out item))
                {
                    if (_stopping)
                        return;
                    _idle++;
                    Monitor.Wait(_gate);
                    _idle--;
                }
            }

            item.Run();
        }
    }
}
