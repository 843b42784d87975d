using System.Net;
using System.Net.Sockets;
using System.Text.Unicode;
using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Policies;

/// <summary>
/// Composes a header field in a buffer of the caller's, without strings. What does not fit is left out, so the buffer must be large
/// enough for the longest field; names from outside are cleaned and cut.
/// </summary>
internal ref struct FieldBuilder
{
    // The longest domain name that the DNS knows, with room for an address literal.
    private const int LongestName = 255;

    private readonly Span<byte> _buffer;
    private int _length;

    /// <summary>Starts an empty field.</summary>
    public FieldBuilder(Span<byte> buffer)
    {
        _buffer = buffer;
        _length = 0;
    }

    /// <summary>The field so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    /// <summary>A host name as bytes, cleaned as <see cref="AppendName"/> does.</summary>
    public static byte[] CleanName(string name)
    {
        var field = new FieldBuilder(stackalloc byte[LongestName]);
        field.AppendName(name);
        return field.Written.ToArray();
    }

    /// <summary>Appends bytes that are known to be clean.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.TryCopyTo(_buffer[_length..]))
            _length += bytes.Length;
    }

    /// <summary>
    /// Appends a name from outside: letters, digits and the signs of host names and address literals stay, anything else becomes a
    /// question mark, which can neither end the field nor open a comment. A name that is empty becomes <c>unknown</c>.
    /// </summary>
    public void AppendName(ReadOnlySpan<char> name)
    {
        if (name.Length > LongestName)
            name = name[..LongestName];
        if (name.IsEmpty)
            Append("unknown"u8);
        foreach (char c in name)
        {
            if (_length == _buffer.Length)
                return;
            _buffer[_length++] = char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '[' or ']' ? (byte)c : (byte)'?';
        }
    }

    /// <summary>Appends an address literal (RFC 5321 section 4.1.3).</summary>
    public void AppendAddress(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        Append(address.AddressFamily == AddressFamily.InterNetworkV6 ? "[IPv6:"u8 : "["u8);
        if (address.TryFormat(_buffer[_length..], out int written))
        {
            // A scope means nothing to others.
            int scope = _buffer.Slice(_length, written).IndexOf((byte)'%');
            _length += scope < 0 ? written : scope;
        }

        Append("]"u8);
    }

    /// <summary>Appends an id.</summary>
    public void AppendId(QueueId id)
    {
        id.Format(_buffer[_length..]);
        _length += QueueId.PrintedLength;
    }

    /// <summary>Appends a mailbox, which by its grammar holds nothing that could end the field.</summary>
    public void AppendMailbox(Mailbox mailbox)
    {
        if (Utf8.FromUtf16(mailbox.Address, _buffer[_length..], out _, out int written) == System.Buffers.OperationStatus.Done)
            _length += written;
    }

    /// <summary>Appends text without line breaks and comment signs, as far as it is printable ASCII.</summary>
    public void AppendComment(ReadOnlySpan<char> text)
    {
        foreach (char c in text.Length > LongestName ? text[..LongestName] : text)
        {
            if (_length == _buffer.Length)
                return;
            _buffer[_length++] = c is >= ' ' and < '\x7f' and not ('(' or ')' or '\\') ? (byte)c : (byte)'?';
        }
    }

    /// <summary>Appends a date in UTC in the form of RFC 5322 section 3.3.</summary>
    public void AppendDate(DateTimeOffset date)
    {
        // "r" ends with GMT, which RFC 5322 calls obsolete.
        if (!date.TryFormat(_buffer[_length..], out int written, "r", System.Globalization.CultureInfo.InvariantCulture))
            return;
        _length += written - 3;
        Append("+0000"u8);
    }
}
