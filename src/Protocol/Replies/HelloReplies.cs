using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace SlimtaFast.Protocol.Replies;

/// <summary>
/// The replies that depend on a listener's options only: greeting, HELO, EHLO, closing. Rendered once for each options object, not for
/// each session. Thread-safe.
/// </summary>
internal sealed class HelloReplies
{
    private static readonly ConditionalWeakTable<SmtpServerOptions, HelloReplies> Rendered = [];

    private readonly TimeSpan _longestHold;

    private HelloReplies(SmtpServerOptions options)
    {
        Greeting = Encoding.ASCII.GetBytes($"220 {options.HostName} ESMTP\r\n");
        Helo = Encoding.ASCII.GetBytes($"250 {options.HostName}\r\n");
        Closing = Encoding.ASCII.GetBytes($"221 2.0.0 {options.HostName} closing\r\n");

        // One row for each extension, in the order of the listing.
        List<string> extensions =
        [
            "PIPELINING",
            options.MaxMessageSize > 0 ? string.Create(CultureInfo.InvariantCulture, $"SIZE {options.MaxMessageSize}") : "SIZE",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
            "CHUNKING",
            "DSN",
        ];
        if (options.BinaryMime)
            extensions.Add("BINARYMIME");
        if (options.DeliverBy)
            extensions.Add(options.DeliverByLeast > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $"DELIVERBY {(long)options.DeliverByLeast.TotalSeconds}") : "DELIVERBY");
        if (options.MtPriority)
            extensions.Add("MT-PRIORITY");
        if (options.Limits)
            extensions.Add(ListLimits(options));
        extensions.Add("HELP");
        _longestHold = options.FutureRelease;
        Ehlo = RenderEhlo(options.HostName, extensions);
    }

    /// <summary>The 220 that opens a session.</summary>
    public ReadOnlyMemory<byte> Greeting { get; }

    /// <summary>The answer to HELO.</summary>
    public ReadOnlyMemory<byte> Helo { get; }

    /// <summary>The answer to EHLO with all extensions that are for everybody.</summary>
    public ReadOnlyMemory<byte> Ehlo { get; }

    /// <summary>The answer to QUIT.</summary>
    public ReadOnlyMemory<byte> Closing { get; }

    // As RenderEhlo writes it, because HELP is listed last.
    private static ReadOnlySpan<byte> LastLine => "250 HELP\r\n"u8;

    /// <summary>The replies for these options.</summary>
    public static HelloReplies For(SmtpServerOptions options) => Rendered.GetValue(options, static key => new HelloReplies(key));

    /// <summary>Writes the answer to EHLO, with what is offered to this client only.</summary>
    public void WriteEhlo(ReplyWriter output, SmtpServerSession session)
    {
        if ((session.Offers & Commands.MailOffers.FutureRelease) == 0)
        {
            output.Write(Ehlo.Span);
            return;
        }

        // RFC 4865 section 4: how long, and until when at the latest; before the last line.
        DateTimeOffset latest = session.Time.GetUtcNow() + _longestHold;
        output.Write(Ehlo.Span[..^LastLine.Length]);
        output.Write(Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"250-FUTURERELEASE {(long)_longestHold.TotalSeconds} {latest.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}\r\n")));
        output.Write(LastLine);
    }

    // limits = "LIMITS" 1*( SP name "=" value ) (RFC 9422 section 3)
    private static string ListLimits(SmtpServerOptions options)
    {
        var text = new StringBuilder("LIMITS");
        if (options.MaxMessagesPerSession > 0)
            text.Append(CultureInfo.InvariantCulture, $" MAILMAX={options.MaxMessagesPerSession}");
        text.Append(CultureInfo.InvariantCulture, $" RCPTMAX={options.MaxRecipients}");
        if (options.MaxDomainsPerMessage > 0)
            text.Append(CultureInfo.InvariantCulture, $" RCPTDOMAINMAX={options.MaxDomainsPerMessage}");
        return text.ToString();
    }

    // ehlo-ok-rsp = "250-" Domain CRLF *( "250-" ehlo-line CRLF ) "250" SP ehlo-line CRLF
    private static byte[] RenderEhlo(string hostName, List<string> extensions)
    {
        var text = new StringBuilder();
        text.Append("250-").Append(hostName).Append("\r\n");
        for (int i = 0; i < extensions.Count; i++)
            text.Append(i == extensions.Count - 1 ? "250 " : "250-").Append(extensions[i]).Append("\r\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
