namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>One record to be written, and who waits for it. After it was handed to the writer only the journal thread uses it.</summary>
internal abstract class JournalRequest
{
    /// <summary>How it is treated.</summary>
    public abstract RequestClass Class { get; }

    /// <summary>
    /// Adds the parts of the record, and what the index must know of each. May be called again where the record did not fit into a segment.
    /// An exception fails this request alone.
    /// </summary>
    public abstract BuildResult Build(RecordBuilder record, StorageIndex index, List<JournalPart> parts);

    /// <summary>
    /// Called once: with null when the record would survive power loss, else with the reason why it does not count. Must not throw or
    /// block, and is the last use of the request.
    /// </summary>
    public abstract void Complete(Exception? error);
}
