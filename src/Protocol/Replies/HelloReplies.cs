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

    private readonly byte[] _clearEhlo;
    private readonly byte[] _secureEhlo;

    private HelloReplies(SmtpServerOptions options)
    {
        Greeting = Encoding.ASCII.GetBytes($"220 {options.HostName} ESMTP\r\n");
        Helo = Encoding.ASCII.GetBytes($"250 {options.HostName}\r\n");
        Closing = Encoding.ASCII.GetBytes($"221 2.0.0 {options.HostName} closing\r\n");

        _clearEhlo = RenderEhlo(options.HostName, ListExtensions(options, isSecure: false));
        _secureEhlo = RenderEhlo(options.HostName, ListExtensions(options, isSecure: true));
    }

    /// <summary>The 220 that opens a session.</summary>
    public ReadOnlyMemory<byte> Greeting { get; }

    /// <summary>The answer to HELO.</summary>
    public ReadOnlyMemory<byte> Helo { get; }

    /// <summary>The answer to QUIT.</summary>
    public ReadOnlyMemory<byte> Closing { get; }

    /// <summary>The replies for these options.</summary>
    public static HelloReplies For(SmtpServerOptions options) => Rendered.GetValue(options, static key => new HelloReplies(key));

    /// <summary>The answer to EHLO with all extensions, in clear or under TLS.</summary>
    public ReadOnlyMemory<byte> GetEhlo(bool isSecure) => isSecure ? _secureEhlo : _clearEhlo;

    // One row for each extension, in the order of the listing.
    private static List<string> ListExtensions(SmtpServerOptions options, bool isSecure)
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
        if (options.Tls is not null && !isSecure)
            extensions.Add("STARTTLS");
        extensions.Add("HELP");
        return extensions;
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
