using System.Buffers;
using System.Text;

namespace SlimtaFast.Relay.Pipe;

/// <summary>
/// The arguments of one process as the system takes them: octets of UTF-8, each argument ended by NUL, and where each begins. Not
/// thread-safe.
/// </summary>
internal sealed class ArgumentBlock
{
    private readonly ArrayBufferWriter<byte> _octets = new(512);
    private readonly List<int> _starts = [];

    /// <summary>All arguments.</summary>
    public ReadOnlySpan<byte> Octets => _octets.WrittenSpan;

    /// <summary>Where each begins.</summary>
    public IReadOnlyList<int> Starts => _starts;

    /// <summary>True where nothing was written to the argument that was begun last.</summary>
    public bool IsEmptySoFar => _starts[^1] == _octets.WrittenCount;

    /// <summary>True where what was written to the argument that was begun last ends with a slash.</summary>
    public bool EndsWithSlash => !IsEmptySoFar && _octets.WrittenSpan[^1] == (byte)'/';

    /// <summary>Adds a whole argument.</summary>
    public void Add(ReadOnlySpan<char> argument)
    {
        Begin();
        Append(argument);
        End();
    }

    /// <summary>Begins an argument.</summary>
    public void Begin() => _starts.Add(_octets.WrittenCount);

    /// <summary>Adds to the argument that was begun. The text holds no NUL.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        Span<byte> space = _octets.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        _octets.Advance(Encoding.UTF8.GetBytes(text, space));
    }

    /// <summary>Adds a value of which nothing is known, changed where it could do harm.</summary>
    /// <param name="value">The value.</param>
    /// <param name="isOption">True where its first character is a hyphen that would make an option of the argument.</param>
    /// <param name="isFolder">True where it names a file of a folder.</param>
    public void AppendHarmless(ReadOnlySpan<char> value, bool isOption, bool isFolder)
    {
        bool isDots = isFolder && value is "." or "..";
        char[] clean = ArrayPool<char>.Shared.Rent(value.Length);
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            bool isHarmful = char.IsControl(c) || (isOption && i == 0) || (isFolder && c == '/') || isDots;
            clean[i] = isHarmful ? '_' : c;
        }

        Append(clean.AsSpan(0, value.Length));
        ArrayPool<char>.Shared.Return(clean);
    }

    /// <summary>Ends the argument that was begun.</summary>
    public void End()
    {
        _octets.GetSpan(1)[0] = 0;
        _octets.Advance(1);
    }
}
