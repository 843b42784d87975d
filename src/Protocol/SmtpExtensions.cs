using System.Globalization;
using SlimtaFast.Mail;

namespace SlimtaFast.Protocol;

/// <summary>What a server offered in its answer to EHLO or LHLO (RFC 5321 section 4.1.1.1). Immutable.</summary>
public sealed class SmtpExtensions
{
    /// <summary>A server that offers nothing, such as one greeted with HELO.</summary>
    public static SmtpExtensions None { get; } = new();

    /// <summary>PIPELINING (RFC 2920).</summary>
    public bool Pipelining { get; private init; }

    /// <summary>8BITMIME (RFC 6152).</summary>
    public bool EightBitMime { get; private init; }

    /// <summary>SMTPUTF8 (RFC 6531).</summary>
    public bool SmtpUtf8 { get; private init; }

    /// <summary>CHUNKING (RFC 3030).</summary>
    public bool Chunking { get; private init; }

    /// <summary>BINARYMIME (RFC 3030).</summary>
    public bool BinaryMime { get; private init; }

    /// <summary>DSN (RFC 3461).</summary>
    public bool Dsn { get; private init; }

    /// <summary>SIZE (RFC 1870): the parameter may be given.</summary>
    public bool Size { get; private init; }

    /// <summary>The largest message in octets that SIZE promised to take; 0 where no limit was told.</summary>
    public long MaxSize { get; private init; }

    /// <summary>DELIVERBY (RFC 2852).</summary>
    public bool DeliverBy { get; private init; }

    /// <summary>The shortest deadline in seconds that DELIVERBY said to take with by-mode R; 0 where none was told.</summary>
    public long DeliverByLeast { get; private init; }

    /// <summary>MT-PRIORITY (RFC 6710).</summary>
    public bool MtPriority { get; private init; }

    /// <summary>What LIMITS told (RFC 9422).</summary>
    public SmtpLimits Limits { get; private init; }

    /// <summary>STARTTLS (RFC 3207).</summary>
    public bool StartTls { get; private init; }

    /// <summary>The mechanisms of AUTH (RFC 4954) as listed, or null where it is not offered.</summary>
    public string? Auth { get; private init; }

    /// <summary>
    /// Reads the answer to a hello: the first line names the server, each further line is a keyword and its parameters. Keywords are
    /// not case-sensitive; what is unknown is passed over.
    /// </summary>
    public static SmtpExtensions Parse(SmtpReply reply)
    {
        bool pipelining = false, eightBit = false, utf8 = false, chunking = false, binary = false, dsn = false, size = false, startTls = false, deliverBy = false, priority = false;
        long maxSize = 0;
        long deliverByLeast = 0;
        SmtpLimits limits = default;
        string? auth = null;
        bool isFirst = true;
        foreach (ReadOnlySpan<char> line in reply.Text.AsSpan().EnumerateLines())
        {
            if (isFirst)
            {
                isFirst = false;
                continue;
            }

            ReadOnlySpan<char> text = line.Trim();
            // "AUTH=LOGIN" is how servers of the last century wrote it.
            int end = text.IndexOfAny(' ', '=');
            ReadOnlySpan<char> keyword = end < 0 ? text : text[..end];
            ReadOnlySpan<char> parameters = end < 0 ? default : text[(end + 1)..].Trim();
            if (Is(keyword, "PIPELINING"))
                pipelining = true;
            else if (Is(keyword, "8BITMIME"))
                eightBit = true;
            else if (Is(keyword, "SMTPUTF8"))
                utf8 = true;
            else if (Is(keyword, "CHUNKING"))
                chunking = true;
            else if (Is(keyword, "BINARYMIME"))
                binary = true;
            else if (Is(keyword, "DSN"))
                dsn = true;
            else if (Is(keyword, "STARTTLS"))
                startTls = true;
            else if (Is(keyword, "MT-PRIORITY"))
                priority = true;
            else if (Is(keyword, "LIMITS"))
                limits = SmtpLimits.Parse(parameters);
            else if (Is(keyword, "AUTH") && !parameters.IsEmpty)
                auth ??= parameters.ToString();
            else if (Is(keyword, "DELIVERBY"))
            {
                deliverBy = true;
                // Options behind a comma are for later documents (RFC 2852 section 2).
                int comma = parameters.IndexOf(',');
                deliverByLeast = ReadNumber(comma < 0 ? parameters : parameters[..comma]);
            }
            else if (Is(keyword, "SIZE"))
            {
                size = true;
                maxSize = ReadNumber(parameters);
            }
        }

        return new SmtpExtensions
        {
            Pipelining = pipelining,
            EightBitMime = eightBit,
            SmtpUtf8 = utf8,
            Chunking = chunking,
            BinaryMime = binary,
            Dsn = dsn,
            Size = size,
            MaxSize = maxSize,
            DeliverBy = deliverBy,
            DeliverByLeast = deliverByLeast,
            MtPriority = priority,
            Limits = limits,
            StartTls = startTls,
            Auth = auth,
        };
    }

    // 0 for what is none; a number beyond 64 bits is as good as no limit.
    private static long ReadNumber(ReadOnlySpan<char> text) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;

    private static bool Is(ReadOnlySpan<char> keyword, string name) => keyword.Equals(name, StringComparison.OrdinalIgnoreCase);
}
