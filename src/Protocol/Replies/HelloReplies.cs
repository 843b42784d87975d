using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using SlimtaFast.Protocol.Sasl;

namespace SlimtaFast.Protocol.Replies;

/// <summary>
/// The replies that depend on a listener's options only: greeting, HELO, EHLO, closing. Rendered once for each options object, not for
/// each session. Thread-safe.
/// </summary>
internal sealed class HelloReplies
{
    private static readonly ConditionalWeakTable<SmtpServerOptions, HelloReplies> Rendered = [];

    private readonly byte[][] _ehlo;
    private readonly bool[] _offersAuth;
    private readonly TimeSpan _longestHold;

    private HelloReplies(SmtpServerOptions options)
    {
        Greeting = Encoding.ASCII.GetBytes($"220 {options.HostName} {(options.Lmtp ? "LMTP" : "ESMTP")}\r\n");
        Helo = Encoding.ASCII.GetBytes($"250 {options.HostName}\r\n");
        Closing = Encoding.ASCII.GetBytes($"221 2.0.0 {options.HostName} closing\r\n");
        _ehlo = [.. Enum.GetValues<ChannelProtection>().Select(protection => RenderEhlo(options.HostName, ListExtensions(options, protection)))];
        _offersAuth = [.. Enum.GetValues<ChannelProtection>().Select(protection => ListMechanisms(options, protection).Length > 0)];
        _longestHold = options.FutureRelease;
    }

    /// <summary>The 220 that opens a session.</summary>
    public ReadOnlyMemory<byte> Greeting { get; }

    /// <summary>The answer to HELO.</summary>
    public ReadOnlyMemory<byte> Helo { get; }

    /// <summary>The answer to QUIT.</summary>
    public ReadOnlyMemory<byte> Closing { get; }

    // As RenderEhlo writes it, because HELP is listed last.
    private static ReadOnlySpan<byte> LastLine => "250 HELP\r\n"u8;

    private static ReadOnlySpan<byte> ProxyLines =>
        "250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT\r\n250-XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n"u8;

    /// <summary>The replies for these options.</summary>
    public static HelloReplies For(SmtpServerOptions options) => Rendered.GetValue(options, static key => new HelloReplies(key));

    /// <summary>The answer to EHLO or LHLO with the extensions that are for everybody; some depend on what guards the connection.</summary>
    public ReadOnlyMemory<byte> GetEhlo(ChannelProtection protection) => _ehlo[(int)protection];

    /// <summary>Writes the answer to EHLO or LHLO, with what is offered to this client only.</summary>
    public void WriteEhlo(ReplyWriter output, SmtpServerSession session)
    {
        ChannelProtection protection = SaslOffer.GetProtection(session.Connection);
        ReadOnlySpan<byte> forAll = GetEhlo(protection).Span;
        // Clients do not say EHLO again behind AUTH, so what AUTH brings is told to those who may still authenticate.
        bool holds = (session.Offers & Commands.MailOffers.FutureRelease) != 0 || (_longestHold > TimeSpan.Zero && _offersAuth[(int)protection]);
        if (!holds && !session.TrustsProxyCommands)
        {
            output.Write(forAll);
            return;
        }

        output.Write(forAll[..^LastLine.Length]);
        if (holds)
            output.Write(ListFutureRelease(session.Time.GetUtcNow()));
        if (session.TrustsProxyCommands)
            output.Write(ProxyLines);
        output.Write(LastLine);
    }

    // One row for each extension, in the order of the listing.
    private static List<string> ListExtensions(SmtpServerOptions options, ChannelProtection protection)
    {
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
        if (options.Tls is not null && protection == ChannelProtection.Clear)
            extensions.Add("STARTTLS");
        string mechanisms = ListMechanisms(options, protection);
        if (mechanisms.Length > 0)
            extensions.Add("AUTH " + mechanisms);
        if (options.BinaryMime)
            extensions.Add("BINARYMIME");
        if (options.DeliverBy)
            extensions.Add(options.DeliverByLeast > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $"DELIVERBY {(long)options.DeliverByLeast.TotalSeconds}") : "DELIVERBY");
        if (options.MtPriority)
            extensions.Add("MT-PRIORITY");
        if (options.Limits)
            extensions.Add(ListLimits(options));
        extensions.Add("HELP");
        return extensions;
    }

    private static string ListMechanisms(SmtpServerOptions options, ChannelProtection protection) =>
        options.Auth is { } auth ? string.Join(' ', SaslOffer.For(auth).GetUsable(protection)) : "";

    // RFC 4865 section 4: how long, and until when at the latest.
    private byte[] ListFutureRelease(DateTimeOffset now) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"250-FUTURERELEASE {(long)_longestHold.TotalSeconds} {(now + _longestHold).UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}\r\n"));

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
