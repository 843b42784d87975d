namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>What was written since the last flush: who waits, and what the index will take over. Used by the journal thread.</summary>
internal sealed class JournalBatch
{
    /// <summary>Who waits for the flush.</summary>
    public List<JournalRequest> Members { get; } = [];

    /// <summary>What the index takes over after it, in the order of the records.</summary>
    public List<JournalPart> Parts { get; } = [];

    /// <summary>Octets that the parts may add to the segment's index.</summary>
    public long IndexOctets { get; set; }

    /// <summary>True where nothing waits.</summary>
    public bool IsEmpty => Members.Count == 0;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Members.Clear();
        Parts.Clear();
        IndexOctets = 0;
    }
}
