using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Journal;
using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Disk.Intake;

/// <summary>Where requests come in: the usual ones go straight to the journal, those with large contents by way of a disk thread. Thread-safe.</summary>
internal sealed class ContentIntake
{
    private readonly JournalWriter _writer;
    private readonly DiskWorkers _workers;
    private readonly QueueIdGenerator _ids = new(TimeProvider.System);

    /// <summary>Wires it up.</summary>
    /// <param name="index">Knows which content files are in use.</param>
    /// <param name="spool">Has the content files.</param>
    /// <param name="writer">Writes the journal.</param>
    /// <param name="workers">Threads that may block.</param>
    /// <param name="inlineLimit">Contents in memory up to so many octets go into the journal as they are.</param>
    public ContentIntake(StorageIndex index, SpoolFiles spool, JournalWriter writer, DiskWorkers workers, int inlineLimit)
    {
        Index = index;
        Spool = spool;
        _writer = writer;
        _workers = workers;
        InlineLimit = inlineLimit;
    }

    /// <summary>Knows which content files are in use.</summary>
    public StorageIndex Index { get; }

    /// <summary>Has the content files.</summary>
    public SpoolFiles Spool { get; }

    /// <summary>Contents in memory up to so many octets go into the journal as they are.</summary>
    public int InlineLimit { get; }

    /// <summary>A name for a copy.</summary>
    public QueueId NextId() => _ids.Next();

    /// <summary>Takes a request over.</summary>
    public void Take(ItemRequest request)
    {
        foreach (ref readonly QueueItem item in request.Items)
        {
            if (IsReady(item.Envelope.Content))
                continue;
            _workers.Post(new ContentPreparation(this, request));
            return;
        }

        Enqueue(request);
    }

    /// <summary>True where a record can hold the content as it is.</summary>
    public bool IsReady(MessageContent content) => content.Length <= InlineLimit && content.TryGetMemory(out ReadOnlySequence<byte> _);

    /// <summary>Hands a request to the journal.</summary>
    public void Enqueue(ItemRequest request)
    {
        if (!_writer.TryEnqueue(request))
            request.Complete(new StorageException(StorageFailure.Stopping, "The storage is being closed."));
    }
}
