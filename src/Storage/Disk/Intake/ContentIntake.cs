using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Journal;
using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Disk.Intake;

/// <summary>Where requests come in: the usual ones go straight to the journal, those with large contents by way of a disk thread. Thread-safe.</summary>
internal sealed class ContentIntake
{
    private readonly JournalWriter _writer;
    private readonly DiskWorkers _workers;

    /// <summary>Wires it up.</summary>
    public ContentIntake(ContentPlacer placer, JournalWriter writer, DiskWorkers workers)
    {
        Placer = placer;
        _writer = writer;
        _workers = workers;
    }

    /// <summary>Brings contents to where records can name or hold them.</summary>
    public ContentPlacer Placer { get; }

    /// <summary>Takes a request over.</summary>
    public void Take(ItemRequest request)
    {
        foreach (ref readonly QueueItem item in request.Items)
        {
            if (Placer.IsReady(item.Envelope.Content))
                continue;
            _workers.Post(new ContentPreparation(this, request));
            return;
        }

        Enqueue(request);
    }

    /// <summary>Hands a request to the journal.</summary>
    public void Enqueue(ItemRequest request)
    {
        if (!_writer.TryEnqueue(request))
            request.Complete(new StorageException(StorageFailure.Stopping, "The storage is being closed."));
    }
}
