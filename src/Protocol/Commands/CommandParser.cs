using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Commands;

/// <summary>
/// Takes a command line apart: <c>verb [SP argument]</c> (RFC 5321 section 4.1.1). Pure: bytes in, ranges out; it never throws. How long a
/// line may be is its reader's business.
/// </summary>
internal static class CommandParser
{
    // Four letters, read as one big-endian number in upper case. Clearing bit 5 of each octet turns no other octet into a letter that
    // was not that letter in the other case.
    private const uint UpperCase = 0xDFDFDFDF;

    // The second half of the one verb of eight letters.
    private const uint TlsHalf = 'T' << 24 | 'T' << 16 | 'L' << 8 | 'S';

    /// <summary>Reads a line without its CRLF.</summary>
    public static Command Parse(ReadOnlySpan<byte> line)
    {
        bool isAscii = true;
        int odd = line.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E);
        if (odd >= 0)
        {
            if (IsTlsRecord(line))
                return new Command(CommandVerb.Foreign, default, false);
            if (!IsCleanUtf8(line[odd..]))
                return new Command(Canned.ControlInCommand);
            isAscii = false;
        }

        if (line.Length < 4)
            return new Command(Canned.UnknownCommand);
        CommandVerb verb = ReadVerb(line, out int length);
        if (verb == CommandVerb.Foreign)
            return new Command(verb, default, isAscii);
        if (length < line.Length && line[length] != (byte)' ')
            verb = CommandVerb.Unknown;
        if (verb == CommandVerb.Unknown)
            return new Command(Canned.UnknownCommand);
        return new Command(verb, line[length..].Trim((byte)' '), isAscii);
    }

    private static CommandVerb ReadVerb(ReadOnlySpan<byte> line, out int length)
    {
        length = 4;
        switch (BinaryPrimitives.ReadUInt32BigEndian(line) & UpperCase)
        {
            case 'E' << 24 | 'H' << 16 | 'L' << 8 | 'O':
                return CommandVerb.Ehlo;
            case 'H' << 24 | 'E' << 16 | 'L' << 8 | 'O':
                return CommandVerb.Helo;
            case 'L' << 24 | 'H' << 16 | 'L' << 8 | 'O':
                return CommandVerb.Lhlo;
            case 'M' << 24 | 'A' << 16 | 'I' << 8 | 'L':
                return CommandVerb.Mail;
            case 'R' << 24 | 'C' << 16 | 'P' << 8 | 'T':
                return CommandVerb.Rcpt;
            case 'D' << 24 | 'A' << 16 | 'T' << 8 | 'A':
                return CommandVerb.Data;
            case 'B' << 24 | 'D' << 16 | 'A' << 8 | 'T':
                return CommandVerb.Bdat;
            case 'R' << 24 | 'S' << 16 | 'E' << 8 | 'T':
                return CommandVerb.Rset;
            case 'N' << 24 | 'O' << 16 | 'O' << 8 | 'P':
                return CommandVerb.Noop;
            case 'V' << 24 | 'R' << 16 | 'F' << 8 | 'Y':
                return CommandVerb.Vrfy;
            case 'E' << 24 | 'X' << 16 | 'P' << 8 | 'N':
                return CommandVerb.Expn;
            case 'H' << 24 | 'E' << 16 | 'L' << 8 | 'P':
                return CommandVerb.Help;
            case 'A' << 24 | 'U' << 16 | 'T' << 8 | 'H':
                return CommandVerb.Auth;
            case 'Q' << 24 | 'U' << 16 | 'I' << 8 | 'T':
                return CommandVerb.Quit;
            case 'X' << 24 | 'C' << 16 | 'L' << 8 | 'I':
                return ReadLongVerb(line, "XCLIENT"u8, CommandVerb.Xclient, out length);
            case 'X' << 24 | 'F' << 16 | 'O' << 8 | 'R':
                return ReadLongVerb(line, "XFORWARD"u8, CommandVerb.Xforward, out length);
            case 'S' << 24 | 'T' << 16 | 'A' << 8 | 'R' when line.Length >= 8 && (BinaryPrimitives.ReadUInt32BigEndian(line[4..]) & UpperCase) == TlsHalf:
                length = 8;
                return CommandVerb.StartTls;
            default:
                return IsForeign(line) ? CommandVerb.Foreign : CommandVerb.Unknown;
        }
    }

    private static CommandVerb ReadLongVerb(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, CommandVerb verb, out int length)
    {
        length = name.Length;
        if (line.Length >= length && Ascii.EqualsIgnoreCase(line[..length], name))
            return verb;
        length = 4;
        return CommandVerb.Unknown;
    }

    // What browsers, scanners and misdirected proxies say first. To answer such lines one by one would let a web page speak SMTP through
    // its visitor's browser.
    private static bool IsForeign(ReadOnlySpan<byte> line) =>
        line.StartsWith("GET "u8) || line.StartsWith("POST "u8) || line.StartsWith("PUT "u8) || line.StartsWith("HEAD "u8)
        || line.StartsWith("OPTIONS "u8) || line.StartsWith("CONNECT "u8) || line.StartsWith("DELETE "u8) || line.StartsWith("PATCH "u8)
        || line.StartsWith("PRI * HTTP/"u8) || line.StartsWith("PROXY "u8) || line.StartsWith("SSH-"u8);

    /// <summary>True where the bytes start as a TLS handshake record does (RFC 8446 section 5.1): type 22, which starts no command.</summary>
    public static bool IsTlsRecord(ReadOnlySpan<byte> bytes) => !bytes.IsEmpty && bytes[0] == 0x16;

    // No C0 controls, no DEL, and well-formed UTF-8 without C1 controls (U+0080..U+009F: C2 80..C2 9F) or line separators
    // (U+2028, U+2029: E2 80 A8, E2 80 A9).
    private static bool IsCleanUtf8(ReadOnlySpan<byte> text)
    {
        if (text.ContainsAnyInRange((byte)0, (byte)0x1F) || text.Contains((byte)0x7F) || !Utf8.IsValid(text))
            return false;
        for (int i = 0; i + 1 < text.Length; i++)
        {
            if (text[i] == 0xC2 && text[i + 1] < 0xA0)
                return false;
            if (text[i] == 0xE2 && text[i + 1] == 0x80 && text[i + 2] is (0xA8 or 0xA9))
                return false;
        }

        return true;
    }
}
