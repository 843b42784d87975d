using System.Buffers;
using System.Globalization;
using System.Text.Json;
using SlimtaFast.Mail;

namespace SlimtaFast.Events.Files;

/// <summary>
/// A file of lines that is renamed and begun anew when it is large. A line is never in two files, and after a failed write the next line begins
/// on a line of its own. Not thread-safe: it has one writer.
/// </summary>
internal sealed class RotatingFile : IDisposable
{
    private readonly long _maxSize;
    private readonly int _files;
    private readonly ArrayBufferWriter<byte> _lines = new(16 * 1024);
    private readonly Utf8JsonWriter _json;
    private FileStream? _stream;

    /// <summary>Opens the file, behind what is in it.</summary>
    public RotatingFile(string path, long maxSize, int files)
    {
        Path = System.IO.Path.GetFullPath(path);
        _maxSize = maxSize;
        _files = files;
        _json = new Utf8JsonWriter(_lines, EventJson.Options);
        _stream = Open();
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Writes a line for each event; fails as files do.</summary>
    public void Write(IReadOnlyList<MailEvent> events)
    {
        try
        {
            _stream ??= Open();
            foreach (MailEvent what in events)
            {
                int before = _lines.WrittenCount;
                AppendLine(what);
                if (_stream.Length + before > 0 && _stream.Length + _lines.WrittenCount > _maxSize)
                    TurnOver(before);
            }

            _stream.Write(_lines.WrittenSpan);
        }
        catch
        {
            // What was written of it is in the file: where the last line has no end, opening anew gives it one.
            _stream?.Dispose();
            _stream = null;
            throw;
        }
        finally
        {
            _lines.ResetWrittenCount();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream?.Dispose();
        _json.Dispose();
    }

    private void AppendLine(MailEvent what)
    {
        _json.Reset(_lines);
        EventJson.Write(_json, what);
        _json.Flush();
        _lines.Write("\n"u8);
    }

    // What fits is written to the old file, the last line to the new one.
    private void TurnOver(int fits)
    {
        _stream!.Write(_lines.WrittenSpan[..fits]);
        byte[] rest = _lines.WrittenSpan[fits..].ToArray();
        _lines.ResetWrittenCount();
        _stream.Dispose();
        _stream = null;
        if (_files > 1)
        {
            for (int i = _files - 2; i > 0; i--)
            {
                if (File.Exists(Numbered(i)))
                    File.Move(Numbered(i), Numbered(i + 1), overwrite: true);
            }

            File.Move(Path, Numbered(1), overwrite: true);
        }
        else
            File.Delete(Path);
        _stream = Open();
        _lines.Write(rest);
    }

    private string Numbered(int number) => string.Create(CultureInfo.InvariantCulture, $"{Path}.{number}");

    private FileStream Open()
    {
        // No buffer of its own: a batch is one write.
        var stream = new FileStream(Path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        try
        {
            if (stream.Length > 0)
            {
                stream.Seek(-1, SeekOrigin.End);
                if (stream.ReadByte() != '\n')
                    stream.Write("\n"u8);
            }

            stream.Seek(0, SeekOrigin.End);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }
}
