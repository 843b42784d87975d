using SlimtaFast.Storage.Disk.Files;
using SlimtaFast.Storage.Disk.Journal;
using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Disk.Intake;

/// <summary>Places the contents of a request and then hands it to the journal. Runs on a disk thread.</summary>
internal sealed class ContentPreparation(ContentIntake intake, ItemRequest request) : IDiskJob
{
    /// <inheritdoc/>
    public void Run()
    {
        try
        {
            intake.Placer.Place(request.Items, request.Held);
        }
        catch (IOException e)
        {
            request.Complete(new StorageException(DiskError.Classify(e), "The content could not be stored: " + e.Message, e));
            return;
        }
        catch (Exception e)
        {
            // A content that cannot be read is its sender's trouble alone.
            request.Complete(e);
            return;
        }

        intake.Enqueue(request);
    }
}
