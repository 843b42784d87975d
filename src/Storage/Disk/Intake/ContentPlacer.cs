using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Reading;
using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Disk.Intake;

/// <summary>
/// Brings contents to where a record or an item's file can name or hold them: a large content gets its file's name, flushed, before anything
/// says it; what is neither in memory nor a file that stays is copied. Blocks. Thread-safe.
/// </summary>
internal sealed class ContentPlacer
{
    // What is on a medium and longer than this is copied there, not read into memory, which no budget counts here.
    private const int MostInMemory = 256 * 1024;

    private const int CopyBuffer = 256 * 1024;

    private readonly StorageIndex _index;
    private readonly SpoolFiles _spool;
    private readonly int _inlineLimit;
    private readonly QueueIdGenerator _ids = new(TimeProvider.System);

    /// <summary>Places contents.</summary>
    /// <param name="index">Knows which content files are in use.</param>
    /// <param name="spool">Has them.</param>
    /// <param name="inlineLimit">Contents up to so many octets may stay in memory.</param>
    public ContentPlacer(StorageIndex index, SpoolFiles spool, int inlineLimit)
    {
        _index = index;
        _spool = spool;
        _inlineLimit = inlineLimit;
    }

    /// <summary>True where the content can be written as it is.</summary>
    public bool IsReady(MessageContent content) => content.Length <= _inlineLimit && content.TryGetMemory(out ReadOnlySequence<byte> _);

    /// <summary>
    /// Replaces the items' contents where they cannot be written as they are, references included. Content files stay while
    /// <paramref name="held"/> names them: the caller lets go of them in the index when its own work is done, also after a failure.
    /// </summary>
    public void Place(Span<QueueItem> items, List<QueueId> held)
    {
        var replacements = new Dictionary<MessageContent, MessageContent>(ReferenceEqualityComparer.Instance);
        try
        {
            foreach (ref QueueItem item in items)
            {
                if (!IsReady(item.Envelope.Content))
                    item = Place(item, held, replacements);
            }
        }
        finally
        {
            foreach (MessageContent replacement in replacements.Values)
                replacement.Release();
        }
    }

    /// <summary>Copies a content to a file under a name of its own, in place and held.</summary>
    public MessageContent CopyToFile(MessageContent content, List<QueueId> held)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyBuffer);
        try
        {
            using ContentWriter writer = _spool.BeginContent(_ids.Next());
            for (long at = 0; at < content.Length;)
            {
                int read = Read(content, at, buffer);
                writer.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None).AsTask().GetAwaiter().GetResult();
                at += read;
            }

            MessageContent copy = writer.CompleteAsync(content.Traits, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            try
            {
                Store(copy, held);
            }
            catch
            {
                copy.Release();
                throw;
            }

            return copy;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private QueueItem Place(QueueItem item, List<QueueId> held, Dictionary<MessageContent, MessageContent> replacements)
    {
        MessageContent content = item.Envelope.Content;
        if (content is SpoolContent { Place: SpoolContentPlace.Scratch or SpoolContentPlace.Named })
        {
            Store(content, held);
            return item;
        }

        if (content is SpoolContent { Place: SpoolContentPlace.Stored } && _index.TryHoldContentFile(content.Id))
        {
            held.Add(content.Id);
            return item;
        }

        if (!replacements.TryGetValue(content, out MessageContent? copy))
        {
            // The old name may be a file that is about to be deleted.
            copy = content.Length <= Math.Min(_inlineLimit, MostInMemory) ? ReadToMemory(content) : CopyToFile(content, held);
            replacements.Add(content, copy);
        }

        copy.Retain();
        content.Release();
        return item with { Envelope = item.Envelope with { Content = copy } };
    }

    // Held before it has its name, so that nobody takes the file for one that nothing needs.
    private void Store(MessageContent content, List<QueueId> held)
    {
        _index.HoldContentFile(content.Id);
        held.Add(content.Id);
        _spool.StoreContents([content]);
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

    private static int Read(MessageContent content, long offset, Memory<byte> buffer)
    {
        int read = content.ReadAsync(offset, buffer, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return read > 0 ? read : throw new IOException($"Content {content.Id} ended early.");
    }
}
