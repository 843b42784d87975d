namespace SlimtaFast.Storage.Disk.Reading;

/// <summary>Something that blocks on the disk, for a thread that may.</summary>
internal interface IWorkItem
{
    /// <summary>Does it; tells its own waiter of any failure.</summary>
    void Run();
}
