using SlimtaFast.Storage.Disk.Journal;

namespace SlimtaFast.Storage.Disk;

/// <summary>What was opened so far, to be closed again, the last first, where opening fails half-way.</summary>
internal sealed class Opening : IDisposable
{
    private readonly Stack<IDisposable> _opened = new();

    /// <summary>Notes something to be closed on failure.</summary>
    public T Keep<T>(T opened)
        where T : IDisposable
    {
        _opened.Push(opened);
        return opened;
    }

    /// <summary>Recovers, and notes the files that this opened.</summary>
    public RecoveredJournal Recover(JournalRecovery recovery)
    {
        Keep(recovery);
        return recovery.Run();
    }

    /// <summary>Everything is open, and whoever has it closes it.</summary>
    public void Succeed() => _opened.Clear();

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_opened.TryPop(out IDisposable? opened))
            opened.Dispose();
    }
}
