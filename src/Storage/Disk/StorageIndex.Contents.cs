using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Journal;

namespace SlimtaFast.Storage.Disk;

/// <summary>Which content files are in use: by items, and by writes under way.</summary>
internal sealed partial class StorageIndex
{
    /// <summary>The content whose file an item uses; none where its content is elsewhere.</summary>
    public QueueId ContentFileOf(QueueId id)
    {
        lock (_gate)
            return _contentOf.GetValueOrDefault(id);
    }

    /// <summary>Keeps the file of a content that was just stored until <see cref="LetGoOfContentFile"/>.</summary>
    public void HoldContentFile(QueueId content)
    {
        lock (_gate)
            _contentFiles[content] = _contentFiles.GetValueOrDefault(content) + 1;
    }

    /// <summary>Keeps the file of a content that items use; false where none does any more and it may be gone at any time.</summary>
    public bool TryHoldContentFile(QueueId content)
    {
        lock (_gate)
        {
            if (!_contentFiles.TryGetValue(content, out int users))
                return false;
            _contentFiles[content] = users + 1;
            return true;
        }
    }

    /// <summary>Ends a hold; a file that nothing uses then is released for deletion.</summary>
    public void LetGoOfContentFile(QueueId content)
    {
        lock (_gate)
            LoseContentFile(content, null);
        TellOfWork();
    }

    private void TakeContentFile(QueueId item, QueueId content)
    {
        if (_contentOf.TryAdd(item, content))
            _contentFiles[content] = _contentFiles.GetValueOrDefault(content) + 1;
    }

    private void LoseContentFile(QueueId content, JournalSegment? closedIn)
    {
        int left = _contentFiles[content] - 1;
        _contentFiles[content] = left;
        if (left > 0)
            return;
        _contentFiles.Remove(content);
        if (!_filesUnknown)
            Release(content, closedIn);
        else
            NoteClosedContent(content, closedIn);
    }

    // Items in files that the scan has not come to may still need it.
    private void NoteClosedContent(QueueId content, JournalSegment? closedIn)
    {
        if (_closedContents.TryAdd(content, closedIn?.Generation ?? 0) && closedIn is not null)
            closedIn.Live++;
    }
}
