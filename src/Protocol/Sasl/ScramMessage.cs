using System.Text;
using System.Text.Unicode;

namespace SlimtaFast.Protocol.Sasl;

/// <summary>
/// Reads the attributes of SCRAM messages (RFC 5802 section 7), <c>a=value,b=value</c>, one after the other. A value has no comma and
/// no NUL. It points into the message and lives no longer than it.
/// </summary>
internal ref struct ScramMessage
{
    private ReadOnlySpan<byte> _rest;
    private bool _isAtEnd;

    /// <summary>Reads a message without its GS2 header.</summary>
    public ScramMessage(ReadOnlySpan<byte> message)
    {
        _rest = message;
        _isAtEnd = message.IsEmpty;
    }

    /// <summary>True where nothing follows.</summary>
    public readonly bool IsAtEnd => _isAtEnd;

    /// <summary>The next attribute, which must have this name; false where it has not.</summary>
    public bool TryTake(byte name, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (_isAtEnd || _rest.Length < 2 || _rest[0] != name || _rest[1] != (byte)'=')
            return false;
        return TryTakeAny(out _, out value);
    }

    /// <summary>The next attribute, whatever it is.</summary>
    public bool TryTakeAny(out byte name, out ReadOnlySpan<byte> value)
    {
        value = default;
        name = 0;
        if (_isAtEnd || _rest.Length < 2 || !char.IsAsciiLetter((char)_rest[0]) || _rest[1] != (byte)'=')
            return false;
        name = _rest[0];
        int comma = _rest.IndexOf((byte)',');
        value = comma < 0 ? _rest[2..] : _rest[2..comma];
        _isAtEnd = comma < 0;
        _rest = comma < 0 ? default : _rest[(comma + 1)..];
        return !value.Contains((byte)0);
    }

    /// <summary>
    /// A name with its quoting undone: <c>=2C</c> is a comma and <c>=3D</c> an equals sign; nothing else may follow an equals sign.
    /// </summary>
    public static bool TryReadName(ReadOnlySpan<byte> quoted, out string name)
    {
        name = "";
        if (quoted.IsEmpty || quoted.Contains((byte)0) || !Utf8.IsValid(quoted))
            return false;
        string text = Encoding.UTF8.GetString(quoted);
        var plain = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == ',')
                return false;
            if (text[i] != '=')
            {
                plain.Append(text[i]);
                continue;
            }

            ReadOnlySpan<char> code = text.AsSpan(i + 1, Math.Min(2, text.Length - i - 1));
            if (code is "2C")
                plain.Append(',');
            else if (code is "3D")
                plain.Append('=');
            else
                return false;
            i += 2;
        }

        name = plain.ToString();
        return true;
    }

    /// <summary>A name quoted.</summary>
    public static string QuoteName(string name) => name.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);

    /// <summary>True for a nonce: printable, without a comma, and not empty.</summary>
    public static bool IsNonce(ReadOnlySpan<byte> value) => !value.IsEmpty && !value.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E);
}
