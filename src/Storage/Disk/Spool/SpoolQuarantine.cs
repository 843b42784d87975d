using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>
/// Takes files out of use without deleting them: mail that this program cannot read may still be read by a person. Thread-safe.
/// </summary>
internal sealed partial class SpoolQuarantine
{
    private readonly SpoolFolders _folders;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private long _count;

    /// <summary>Makes it for a spool.</summary>
    public SpoolQuarantine(SpoolFolders folders, ILogger log)
    {
        _folders = folders;
        _log = log;
    }

    /// <summary>Files moved since the start.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Moves an item's or a content's file, and its state's where it has one.</summary>
    public void Move(QueueId name, string reason)
    {
        lock (_gate)
        {
            // The state last: without it, an envelope that came back would forget who has got the message.
            bool any = MoveFile(_folders.EnvelopePath(name), reason);
            if (any)
                FlushMove();
            if (MoveFile(_folders.StatePath(name), reason) || any)
                FlushMove();
        }
    }

    /// <summary>Moves a damaged state alone.</summary>
    public void MoveState(QueueId name, string reason)
    {
        lock (_gate)
        {
            if (MoveFile(_folders.StatePath(name), reason))
                FlushMove();
        }
    }

    private bool MoveFile(string path, string reason)
    {
        if (!_folders.Layer.Exists(path))
            return false;
        string to = _folders.NewQuarantinePath(Path.GetFileName(path));
        _folders.Layer.Rename(path, to);
        Interlocked.Increment(ref _count);
        LogQuarantined(path, to, reason);
        return true;
    }

    // The new name first, so that no power cut leaves neither.
    private void FlushMove()
    {
        _folders.Quarantine.Flush();
        _folders.Envelopes.Flush();
        if (_folders.States != _folders.Envelopes)
            _folders.States.Flush();
    }

    [LoggerMessage(1, LogLevel.Error, "{Path} was moved to {Quarantine}: {Reason}")]
    private partial void LogQuarantined(string path, string quarantine, string reason);
}
