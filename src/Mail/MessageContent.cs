using System.Buffers;

namespace SlimtaFast.Mail;

/// <summary>
/// The bytes of a message as received: header section, blank line and body, without dot-stuffing. Immutable and reference-counted,
/// because several items and a storage's pending write may share one. It starts with one reference, owned by whoever made it.
/// Counting is thread-safe, and so is reading by several readers at once.
/// </summary>
public abstract class MessageContent
{
    private int _references = 1;

    /// <summary>Takes over what a content writer knows of the finished bytes.</summary>
    /// <param name="id">The content's name, by which several heads refer to it.</param>
    /// <param name="length">Octets.</param>
    /// <param name="crc">CRC-32C of all octets.</param>
    /// <param name="traits">What was seen in the octets.</param>
    protected MessageContent(QueueId id, long length, uint crc, ContentTraits traits)
    {
        Id = id;
        Length = length;
        Crc = crc;
        Traits = traits;
    }

    /// <summary>The name by which heads refer to this content.</summary>
    public QueueId Id { get; }

    /// <summary>Length in octets.</summary>
    public long Length { get; }

    /// <summary>CRC-32C (Castagnoli) of all octets.</summary>
    public uint Crc { get; }

    /// <summary>What was seen in the octets when they were received.</summary>
    public ContentTraits Traits { get; }

    /// <summary>Adds a reference: the caller must later call <see cref="Release"/> once more.</summary>
    /// <exception cref="ObjectDisposedException">The last reference is already gone.</exception>
    public void Retain()
    {
        ObjectDisposedException.ThrowIf(!TryRetain(), this);
    }

    /// <summary>Adds a reference unless the last one is already gone.</summary>
    public bool TryRetain()
    {
        int seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            int before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }

    /// <summary>Gives a reference back; the last one frees the buffers or the file handle.</summary>
    public void Release()
    {
        int left = Interlocked.Decrement(ref _references);
        if (left == 0)
            Free();
        else if (left < 0)
            throw new InvalidOperationException("A content was released more often than it was retained.");
    }

    /// <summary>The bytes without any I/O, where they are in memory. Valid while the caller holds a reference.</summary>
    public abstract bool TryGetMemory(out ReadOnlySequence<byte> bytes);

    /// <summary>Octets that this content holds in memory: all or, where it is on a medium, none to speak of.</summary>
    public virtual long OctetsInMemory => TryGetMemory(out _) ? Length : 0;

    /// <summary>
    /// Reads octets from <paramref name="offset"/>, as many as fit into <paramref name="buffer"/>; fewer only at the end. May do
    /// blocking-free I/O on another thread. Fails with <see cref="IOException"/> where the medium does.
    /// </summary>
    public abstract ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Reads the octets that the content begins with, in as many steps as its medium takes; fewer than fit only where there are no more.</summary>
    public async ValueTask<int> FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int filled = 0;
        while (filled < buffer.Length)
        {
            int read = await ReadAsync(filled, buffer[filled..], cancellationToken);
            if (read == 0)
                break;
            filled += read;
        }

        return filled;
    }

    /// <summary>Frees what the content holds; called once, by the last <see cref="Release"/>.</summary>
    protected abstract void Free();
}
