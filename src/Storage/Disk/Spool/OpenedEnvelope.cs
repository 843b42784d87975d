using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>A <c>.env</c> file open for reading, its trailer and head checked, its content not yet.</summary>
internal sealed class OpenedEnvelope : IDisposable
{
    private readonly IStoreFile _file;
    private byte[]? _last;
    private bool _fileTaken;

    private OpenedEnvelope(IStoreFile file, byte[] last, int lastLength, in SpoolTrailer trailer)
    {
        _file = file;
        _last = last;
        LastLength = lastLength;
        Trailer = trailer;
    }

    /// <summary>The end of the file.</summary>
    public SpoolTrailer Trailer { get; }

    /// <summary>The head, or null where the file is a content alone.</summary>
    public EnvelopeHead? Head { get; private set; }

    /// <summary>How many octets of the file's end are in memory.</summary>
    public int LastLength { get; }

    /// <summary>True where the content was read with the rest.</summary>
    public bool IsWhole => LastLength == Trailer.HeadOffset + Trailer.HeadLength + SpoolTrailer.Size;

    /// <summary>Opens and checks a file.</summary>
    /// <param name="file">The file, which becomes the result's or is closed.</param>
    /// <param name="name">The id in its name.</param>
    /// <param name="most">Octets to read at once from its end.</param>
    /// <param name="opened">Null unless intact.</param>
    public static bool TryRead(IStoreFile file, QueueId name, int most, out OpenedEnvelope? opened)
    {
        opened = null;
        byte[]? last = null;
        try
        {
            long length = file.Length;
            int lastLength = (int)Math.Min(length, most);
            last = ArrayPool<byte>.Shared.Rent(lastLength);
            if (file.Read(length - lastLength, last.AsSpan(0, lastLength)) == lastLength
                && SpoolTrailer.TryRead(last.AsSpan(0, lastLength), length, out SpoolTrailer trailer)
                && trailer.Name == name)
            {
                var candidate = new OpenedEnvelope(file, last, lastLength, trailer);
                if (candidate.TryReadHead())
                    opened = candidate;
            }

            return opened is not null;
        }
        finally
        {
            if (opened is null)
            {
                file.Dispose();
                if (last is not null)
                    ArrayPool<byte>.Shared.Return(last);
            }
        }
    }

    /// <summary>The content, which must be in the file. False where its checksum is wrong.</summary>
    /// <param name="layer">The way to the disk.</param>
    /// <param name="readers">Read it later.</param>
    /// <param name="place">Which file it is.</param>
    /// <param name="asFile">True where it must not come in memory, as it otherwise does where <see cref="IsWhole"/>.</param>
    /// <param name="content">Null unless intact.</param>
    public bool TryTakeContent(IFileLayer layer, DiskWorkers readers, SpoolContentPlace place, bool asFile, out MessageContent? content)
    {
        content = null;
        if (IsWhole && !asFile)
        {
            if (Crc32C.Compute(_last.AsSpan(0, (int)Trailer.ContentLength)) != Trailer.ContentCrc)
                return false;
            content = new RentedContent(Trailer, _last!);
            _last = null;
            return true;
        }

        if (!HasGoodChecksum())
            return false;
        content = new SpoolContent(Trailer.ContentId, Trailer.ContentLength, Trailer.ContentCrc, Trailer.ContentTraits, layer, readers, _file, place);
        _fileTaken = true;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_last is not null)
            ArrayPool<byte>.Shared.Return(_last);
        _last = null;
        if (!_fileTaken)
            _file.Dispose();
        _fileTaken = true;
    }

    private bool TryReadHead()
    {
        SpoolTrailer trailer = Trailer;
        if (trailer.HeadLength == 0)
            return trailer.HasContent && trailer.ContentId == trailer.Name;
        int behind = trailer.HeadLength + SpoolTrailer.Size;
        EnvelopeHead? head;
        if (behind <= LastLength)
        {
            if (!EnvelopeSerializer.TryReadHead(_last.AsSpan(LastLength - behind, trailer.HeadLength), out head))
                return false;
        }
        else
        {
            // The trailer's own checksum has vouched for the length, so that it is not a stranger's claim to memory.
            byte[] bytes = new byte[trailer.HeadLength];
            if (_file.Read(trailer.HeadOffset, bytes) != bytes.Length || !EnvelopeSerializer.TryReadHead(bytes, out head))
                return false;
        }

        Head = head;
        return head!.Item.Envelope.Id == trailer.Name
            && head.ContentId == trailer.ContentId
            && head.ContentLength == trailer.ContentLength
            && head.ContentCrc == trailer.ContentCrc;
    }

    private bool HasGoodChecksum()
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            uint crc = 0;
            for (long at = 0; at < Trailer.ContentLength;)
            {
                int read = _file.Read(at, buffer.AsSpan(0, (int)Math.Min(buffer.Length, Trailer.ContentLength - at)));
                if (read == 0)
                    return false;
                crc = Crc32C.Append(crc, buffer.AsSpan(0, read));
                at += read;
            }

            return crc == Trailer.ContentCrc;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
