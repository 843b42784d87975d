using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>
/// Writes whole files: to the scratch folder, flushed, to be renamed into place by the caller. Runs on the calling thread. Thread-safe.
/// </summary>
internal sealed class SpoolWriter(SpoolFolders folders)
{
    private const int CopyBuffer = 256 * 1024;

    /// <summary>Writes an item with its content, unless that has a file of its own; returns the scratch file.</summary>
    public string WriteEnvelope(QueueItem item)
    {
        QueueId id = item.Envelope.Id;
        MessageContent content = item.Envelope.Content;
        bool isElsewhere = content is SpoolContent { Place: SpoolContentPlace.Stored };
        if (isElsewhere && content.Id == id)
            throw new ArgumentException("An item must not have the name of a content that has a file of its own.", nameof(item));
        if (content is SpoolContent { Place: SpoolContentPlace.Scratch or SpoolContentPlace.Named })
            throw new InvalidOperationException("A large content has to be stored before its items are.");

        var end = new ArrayBufferWriter<byte>(1024);
        EnvelopeSerializer.WriteHead(end, item);
        SpoolTrailer.For(id, content, hasContent: !isElsewhere, end.WrittenCount).Write(end.GetSpan(SpoolTrailer.Size));
        end.Advance(SpoolTrailer.Size);
        return Write(id, file =>
        {
            if (isElsewhere)
            {
                file.Write(0, end.WrittenSpan);
            }
            else if (content.TryGetMemory(out ReadOnlySequence<byte> bytes))
            {
                var parts = new List<ReadOnlyMemory<byte>>();
                foreach (ReadOnlyMemory<byte> part in bytes)
                    parts.Add(part);
                parts.Add(end.WrittenMemory);
                file.Write(0, parts);
            }
            else
            {
                Copy(content, file);
                file.Write(content.Length, end.WrittenSpan);
            }
        });
    }

    /// <summary>Writes a state; returns the scratch file.</summary>
    public string WriteState(QueueId id, DeliveryState state)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        EnvelopeSerializer.WriteState(bytes, id, state);
        return Write(id, file => file.Write(0, bytes.WrittenSpan));
    }

    /// <summary>Removes a scratch file that will not be renamed; where that fails too, the next start does it.</summary>
    public void Abandon(string path)
    {
        try
        {
            folders.Layer.Delete(path);
        }
        catch (IOException)
        {
            // It is in nobody's way.
        }
    }

    private static void Copy(MessageContent content, IStoreFile file)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyBuffer);
        try
        {
            for (long at = 0; at < content.Length;)
            {
                int read = content is SpoolContent spooled
                    ? spooled.Read(at, buffer)
                    : content.ReadAsync(at, buffer, CancellationToken.None).AsTask().GetAwaiter().GetResult();
                if (read == 0)
                    throw new DiskException("reading", file.Path, DiskError.InputOutput);
                file.Write(at, buffer.AsSpan(0, read));
                at += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private string Write(QueueId id, Action<IStoreFile> write)
    {
        string path = folders.NewScratchPath(id);
        IStoreFile file = folders.Layer.Create(path);
        try
        {
            using (file)
            {
                write(file);
                file.Flush();
            }

            return path;
        }
        catch
        {
            Abandon(path);
            throw;
        }
    }
}
