using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>
/// Goes through all files of a spool in the order of their ids, which is the order of age. Names come first, 16 octets each; then the
/// files are read by many threads at a time, a bounded stretch ahead. One thread runs a scan.
/// </summary>
internal sealed class SpoolScan
{
    private const int ChunkSize = 64;
    private const int EntriesAhead = 64;

    private readonly SpoolReader _reader;
    private readonly DiskWorkers _workers;
    private readonly List<QueueId> _names;
    private readonly List<QueueId> _states;

    private SpoolScan(SpoolReader reader, DiskWorkers workers, List<QueueId> names, List<QueueId> states)
    {
        _reader = reader;
        _workers = workers;
        _names = names;
        _states = states;
    }

    /// <summary>Lists the files that there are now.</summary>
    /// <param name="folders">Where they are.</param>
    /// <param name="reader">Reads them.</param>
    /// <param name="workers">The threads that do.</param>
    /// <param name="large">From how many names on some are handed out before all are listed.</param>
    /// <param name="takeAhead">
    /// Takes them: the oldest of those that the file system names first, intact items all of them, which come in
    /// <see cref="Entries"/> once more.
    /// </param>
    public static SpoolScan Begin(SpoolFolders folders, SpoolReader reader, DiskWorkers workers, int large, Action<IReadOnlyList<SpoolEntry>>? takeAhead)
    {
        var names = new List<QueueId>();
        var states = new List<QueueId>();
        folders.Layer.List(folders.Envelopes.Path, Visit);
        if (folders.States != folders.Envelopes)
            folders.Layer.List(folders.States.Path, Visit);
        names.Sort();
        states.Sort();
        return new SpoolScan(reader, workers, names, states);

        void Visit(ReadOnlySpan<char> name)
        {
            if (SpoolFolders.TryParse(name, SpoolFolders.EnvelopeSuffix, out QueueId id))
            {
                names.Add(id);
                if (names.Count == large && takeAhead is not null)
                    takeAhead(ReadOldest(names, reader));
            }
            else if (SpoolFolders.TryParse(name, SpoolFolders.StateSuffix, out id))
                states.Add(id);
        }
    }

    /// <summary>States whose envelope is gone: what a removal that was cut short leaves.</summary>
    public IEnumerable<QueueId> OrphanedStates => _states.Where(id => _names.BinarySearch(id) < 0);

    /// <summary>Reads the files in order. Ending early leaves nothing running.</summary>
    public IEnumerable<SpoolEntry> Entries()
    {
        var ahead = new Queue<Chunk>();
        int next = 0;
        try
        {
            while (true)
            {
                while (ahead.Count < _workers.Count * 2 && next < _names.Count)
                {
                    var chunk = new Chunk(this, next, Math.Min(ChunkSize, _names.Count - next));
                    next += ChunkSize;
                    ahead.Enqueue(chunk);
                    _workers.Post(chunk);
                }

                if (!ahead.TryDequeue(out Chunk? first))
                    yield break;
                foreach (SpoolEntry entry in first.Take())
                    yield return entry;
            }
        }
        finally
        {
            foreach (Chunk chunk in ahead)
                chunk.Wait();
        }
    }

    // What is damaged, or closed, can wait for its turn.
    private static List<SpoolEntry> ReadOldest(List<QueueId> names, SpoolReader reader)
    {
        names.Sort();
        var entries = new List<SpoolEntry>(EntriesAhead);
        foreach (QueueId name in names.Take(EntriesAhead))
        {
            SpoolEntry entry = reader.ReadEntry(name, hasState: true);
            if (entry is { Kind: SpoolEntryKind.Item, HasDamagedState: false, IsClosed: false })
                entries.Add(entry);
        }

        return entries;
    }

    private SpoolEntry Read(QueueId name) => _reader.ReadEntry(name, _states.BinarySearch(name) >= 0);

    // Some files next to each other.
    private sealed class Chunk(SpoolScan scan, int start, int count) : IDiskJob
    {
        private readonly TaskCompletionSource<SpoolEntry[]> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Run()
        {
            try
            {
                var entries = new SpoolEntry[count];
                for (int i = 0; i < count; i++)
                    entries[i] = scan.Read(scan._names[start + i]);
                _done.SetResult(entries);
            }
            catch (Exception e)
            {
                _done.SetException(e);
            }
        }

        public SpoolEntry[] Take() => _done.Task.GetAwaiter().GetResult();

        public void Wait() => ((IAsyncResult)_done.Task).AsyncWaitHandle.WaitOne();
    }
}
