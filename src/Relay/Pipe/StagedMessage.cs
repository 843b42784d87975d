using System.Buffers;
using Microsoft.Win32.SafeHandles;
using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Pipe;

/// <summary>
/// A message as a program will read it, complete before the program starts: in memory where it is small, else in a file without a name. A
/// pipe would do with less, but if we were killed while a program reads from one, it would take what it got for the whole message and
/// deliver it cut.
/// </summary>
internal sealed class StagedMessage : IDisposable
{
    /// <summary>Octets up to which a message is in memory.</summary>
    public const int MostInMemory = 256 * 1024;

    private const int BlockSize = 64 * 1024;

    private const UnixFileMode ReadByAll = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly FileStream _file;
    private readonly bool _isInMemory;
    private readonly PipeLineEnds _lineEnds;
    private LineEndEncoder _encoder;
    private long _length;

    private StagedMessage(long length, string folder, PipeLineEnds lineEnds)
    {
        _isInMemory = length <= MostInMemory;
        _file = Open(length, folder);
        _lineEnds = lineEnds;
    }

    /// <summary>Writes a message; the caller holds a reference to its content.</summary>
    /// <exception cref="IOException">The content could not be read, or the file not be written.</exception>
    public static async ValueTask<StagedMessage> CreateAsync(
        ReadOnlyMemory<byte> front, Envelope envelope, PipeLineEnds lineEnds, string folder, CancellationToken cancellationToken)
    {
        var staged = new StagedMessage(front.Length + envelope.Length, folder, lineEnds);
        byte[] encoded = ArrayPool<byte>.Shared.Rent(LineEndEncoder.GetMostOctets(BlockSize));
        try
        {
            staged.Write(front.Span, encoded);
            staged.Write(envelope.AddedHeaders.Span, encoded);
            if (envelope.Content.TryGetMemory(out ReadOnlySequence<byte> bytes))
            {
                foreach (ReadOnlyMemory<byte> segment in bytes)
                    staged.Write(segment.Span, encoded);
            }
            else
            {
                await staged.CopyAsync(envelope.Content, encoded, cancellationToken);
            }

            staged.Finish(encoded);
            staged.Close();
            return staged;
        }
        catch
        {
            staged.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }

    /// <summary>The message for one process: to be read only, from its beginning, however others read it.</summary>
    public SafeFileHandle OpenReader() =>
        File.OpenHandle($"/proc/self/fd/{_file.SafeFileHandle.DangerousGetHandle()}", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // The program of one recipient, whoever it runs as, must not change what that of the next will read.
    private void Close()
    {
        if (_isInMemory && Libc.Seal(_file.SafeFileHandle) is < 0 and int error)
            throw new IOException($"The file in memory could not be sealed (error {-error}).");
    }

    private static FileStream Open(long length, string folder)
    {
        if (length <= MostInMemory)
        {
            int memory = Libc.CreateMemoryFile();
            return memory >= 0 ? new FileStream(new SafeFileHandle(memory, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 0) : throw new IOException($"No file in memory could be made (error {-memory}).");
        }

        string path = Path.Combine(folder, $"slimtafast-{Guid.NewGuid():n}");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        try
        {
            File.Delete(path);
            // Nobody can open it by a name any more, but a program of another user may open its standard input again.
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file.SafeFileHandle, ReadByAll);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private async ValueTask CopyAsync(MessageContent content, byte[] encoded, CancellationToken cancellationToken)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            for (long offset = 0; offset < content.Length;)
            {
                int read = await content.ReadAsync(offset, block.AsMemory(0, BlockSize), cancellationToken);
                if (read == 0)
                    throw new EndOfStreamException("The content is shorter than it should be.");
                Write(block.AsSpan(0, read), encoded);
                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private void Write(ReadOnlySpan<byte> octets, byte[] encoded)
    {
        if (_lineEnds == PipeLineEnds.CrLf)
        {
            Append(octets);
            return;
        }

        while (!octets.IsEmpty)
        {
            ReadOnlySpan<byte> piece = octets[..Math.Min(octets.Length, BlockSize)];
            octets = octets[piece.Length..];
            Append(encoded.AsSpan(0, _encoder.Encode(piece, encoded)));
        }
    }

    private void Finish(byte[] encoded) => Append(encoded.AsSpan(0, _encoder.Finish(encoded)));

    private void Append(ReadOnlySpan<byte> octets)
    {
        RandomAccess.Write(_file.SafeFileHandle, octets, _length);
        _length += octets.Length;
    }
}
