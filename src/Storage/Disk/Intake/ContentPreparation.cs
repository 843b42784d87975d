using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;
using SlimtaFast.Storage.Disk.Journal;
using SlimtaFast.Storage.Disk.Reading;
using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Disk.Intake;

/// <summary>
/// Brings the contents of a request to where its record can name or hold them, and then hands it over: a large content gets its file's
/// name, flushed, before any record says it; what is neither in memory nor a file of its own is copied. Runs on a disk thread.
/// </summary>
internal sealed class ContentPreparation : IDiskJob
{
    private const int CopyBuffer = 256 * 1024;

    private readonly ContentIntake _intake;
    private readonly ItemRequest _request;
    private readonly Dictionary<MessageContent, MessageContent> _replacements = new(ReferenceEqualityComparer.Instance);

    /// <summary>Prepares this request.</summary>
    public ContentPreparation(ContentIntake intake, ItemRequest request)
    {
        _intake = intake;
        _request = request;
    }

    /// <inheritdoc/>
    public void Run()
    {
        Exception? failure = null;
        try
        {
            foreach (ref QueueItem item in _request.Items)
                item = Prepare(item);
        }
        catch (IOException e)
        {
            failure = new StorageException(DiskError.Classify(e), "The content could not be stored: " + e.Message, e);
        }
        catch (Exception e)
        {
            // A content that cannot be read is its sender's trouble alone.
            failure = e;
        }

        foreach (MessageContent replacement in _replacements.Values)
            replacement.Release();
        if (failure is not null)
            _request.Complete(failure);
        else
            _intake.Enqueue(_request);
    }

    private QueueItem Prepare(QueueItem item)
    {
        MessageContent content = item.Envelope.Content;
        if (_intake.IsReady(content))
            return item;
        if (content is SpoolContent { Place: SpoolContentPlace.Scratch or SpoolContentPlace.Named })
        {
            // Held before it has its name, so that nobody takes the file for one that nothing needs.
            _intake.Index.HoldContentFile(content.Id);
            _request.Hold(content.Id);
            _intake.Spool.StoreContents([content]);
            return item;
        }

        if (content is SpoolContent { Place: SpoolContentPlace.Stored } && _intake.Index.TryHoldContentFile(content.Id))
        {
            _request.Hold(content.Id);
            return item;
        }

        if (!_replacements.TryGetValue(content, out MessageContent? copy))
        {
            copy = content.Length <= _intake.InlineLimit ? ReadToMemory(content) : CopyToFile(content);
            _replacements.Add(content, copy);
        }

        copy.Retain();
        content.Release();
        return item with { Envelope = item.Envelope with { Content = copy } };
    }

    private static RecordContent ReadToMemory(MessageContent content)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Math.Max(1, (int)content.Length));
        bool kept = false;
        try
        {
            for (int at = 0; at < content.Length;)
                at += Read(content, at, bytes.AsMemory(at, (int)content.Length - at));
            kept = true;
            return new RecordContent(content.Id, (int)content.Length, content.Crc, content.Traits, bytes, 0);
        }
        finally
        {
            if (!kept)
                ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    // Under a name of its own: the old one may be a file that is about to be deleted.
    private MessageContent CopyToFile(MessageContent content)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyBuffer);
        try
        {
            using ContentWriter writer = _intake.Spool.BeginContent(_intake.NextId());
            for (long at = 0; at < content.Length;)
            {
                int read = Read(content, at, buffer);
                writer.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None).AsTask().GetAwaiter().GetResult();
                at += read;
            }

            MessageContent copy = writer.CompleteAsync(content.Traits, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            _intake.Index.HoldContentFile(copy.Id);
            _request.Hold(copy.Id);
            _intake.Spool.StoreContents([copy]);
            return copy;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int Read(MessageContent content, long offset, Memory<byte> buffer)
    {
        int read = content.ReadAsync(offset, buffer, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return read > 0 ? read : throw new IOException($"Content {content.Id} ended early.");
    }
}
