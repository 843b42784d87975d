using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SlimtaFast.Storage.Disk.Files.Linux;

/// <summary>A file by its descriptor, with every result checked.</summary>
internal sealed unsafe class LinuxFile : IStoreFile
{
    private const int MostParts = 64;

    private readonly SafeFileHandle _handle;

    /// <summary>Takes over an open descriptor.</summary>
    public LinuxFile(SafeFileHandle handle, string path, int alignment)
    {
        _handle = handle;
        Path = path;
        Alignment = alignment;
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public int Alignment { get; }

    /// <inheritdoc/>
    public long Length
    {
        get
        {
            long length = Libc.Seek(_handle, 0, Libc.SeekEnd);
            return length >= 0 ? length : throw Failed("measuring");
        }
    }

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            int done = 0;
            while (done < bytes.Length)
                done += (int)CheckWritten(Libc.Write(_handle, start + done, bytes.Length - done, offset + done));
        }
    }

    /// <inheritdoc/>
    public void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        for (int first = 0; first < parts.Count; first += MostParts)
            offset += WriteSome(offset, parts, first, Math.Min(MostParts, parts.Count - first));
    }

    /// <inheritdoc/>
    public int Read(long offset, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            int done = 0;
            while (done < buffer.Length)
            {
                nint read = Libc.Read(_handle, start + done, buffer.Length - done, offset + done);
                if (read == 0)
                    break;
                if (read > 0)
                    done += (int)read;
                else if (Marshal.GetLastPInvokeError() != DiskError.Interrupted)
                    throw Failed("reading");
            }

            return done;
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        while (Libc.FlushData(_handle) != 0)
        {
            if (Marshal.GetLastPInvokeError() != DiskError.Interrupted)
                throw Failed("flushing");
        }
    }

    /// <inheritdoc/>
    public void Allocate(long length)
    {
        while (Libc.Allocate(_handle, 0, 0, length) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == DiskError.NotSupported)
                return;
            if (error != DiskError.Interrupted)
                throw Failed("allocating");
        }
    }

    /// <inheritdoc/>
    public void SetLength(long length)
    {
        while (Libc.SetLength(_handle, length) != 0)
        {
            if (Marshal.GetLastPInvokeError() != DiskError.Interrupted)
                throw Failed("resizing");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private long WriteSome(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, int first, int count)
    {
        IoVector* vectors = stackalloc IoVector[count];
        MemoryHandle[] pins = ArrayPool<MemoryHandle>.Shared.Rent(count);
        int pinned = 0;
        try
        {
            for (; pinned < count; pinned++)
            {
                pins[pinned] = parts[first + pinned].Pin();
                vectors[pinned] = new IoVector { Start = (byte*)pins[pinned].Pointer, Length = parts[first + pinned].Length };
            }

            return WriteVectors(offset, vectors, count);
        }
        finally
        {
            while (pinned > 0)
                pins[--pinned].Dispose();
            ArrayPool<MemoryHandle>.Shared.Return(pins, clearArray: true);
        }
    }

    private long WriteVectors(long offset, IoVector* vectors, int count)
    {
        long start = offset;
        while (true)
        {
            // A short write ends inside some part: go on from there.
            while (count > 0 && vectors->Length == 0)
            {
                vectors++;
                count--;
            }

            if (count == 0)
                return offset - start;
            nint written = CheckWritten(Libc.WriteVector(_handle, vectors, count, offset));
            offset += written;
            for (int i = 0; written > 0; i++)
            {
                nint part = Math.Min(written, vectors[i].Length);
                vectors[i].Start += part;
                vectors[i].Length -= part;
                written -= part;
            }
        }
    }

    private nint CheckWritten(nint result)
    {
        if (result > 0)
            return result;
        // A write that does nothing and reports nothing would loop for ever.
        if (result == 0)
            throw new DiskException("writing", Path, DiskError.InputOutput);
        return Marshal.GetLastPInvokeError() == DiskError.Interrupted ? 0 : throw Failed("writing");
    }

    private DiskException Failed(string operation) => new(operation, Path, Marshal.GetLastPInvokeError());
}
