using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using SlimtaFast.Protocol.Sasl;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Replies;

/// <summary>
/// The replies that depend on a listener's options only: greeting, HELO, EHLO, closing. Rendered once for each options object, not for
/// each session. Thread-safe.
/// </summary>
internal sealed class HelloReplies
{
    private static readonly ConditionalWeakTable<SmtpServerOptions, HelloReplies> Rendered = [];

    private readonly byte[][]? _ehloByProtection;

    private HelloReplies(SmtpServerOptions options)
    {
        Greeting = Encoding.ASCII.GetBytes($"220 {options.HostName} ESMTP\r\n");
        Helo = Encoding.ASCII.GetBytes($"250 {options.HostName}\r\n");
        Closing = Encoding.ASCII.GetBytes($"221 2.0.0 {options.HostName} closing\r\n");

        // One row for each extension, in the order of the listing.
        string[] extensions =
        [
            "PIPELINING",
            options.MaxMessageSize > 0 ? string.Create(CultureInfo.InvariantCulture, $"SIZE {options.MaxMessageSize}") : "SIZE",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
            "CHUNKING",
            "DSN",
            "HELP",
        ];
        Ehlo = RenderEhlo(options.HostName, extensions);
        if (options.Auth is { } auth)
            _ehloByProtection = [.. Enum.GetValues<ChannelProtection>().Select(protection => RenderEhlo(options.HostName, WithAuth(extensions, auth, protection)))];
    }

    /// <summary>The 220 that opens a session.</summary>
    public ReadOnlyMemory<byte> Greeting { get; }

    /// <summary>The answer to HELO.</summary>
    public ReadOnlyMemory<byte> Helo { get; }

    /// <summary>The answer to EHLO with all extensions but AUTH.</summary>
    public ReadOnlyMemory<byte> Ehlo { get; }

    /// <summary>The answer to EHLO on a connection: AUTH depends on what guards it.</summary>
    public ReadOnlyMemory<byte> GetEhlo(Connection connection) =>
        _ehloByProtection is null ? Ehlo : _ehloByProtection[(int)SaslOffer.GetProtection(connection)];

    /// <summary>The answer to QUIT.</summary>
    public ReadOnlyMemory<byte> Closing { get; }

    /// <summary>The replies for these options.</summary>
    public static HelloReplies For(SmtpServerOptions options) => Rendered.GetValue(options, static key => new HelloReplies(key));

    // The last row stays the last.
    private static string[] WithAuth(string[] extensions, SmtpAuthOptions auth, ChannelProtection protection)
    {
        string mechanisms = string.Join(' ', SaslOffer.For(auth).GetUsable(protection));
        return mechanisms.Length == 0 ? extensions : [.. extensions[..^1], "AUTH " + mechanisms, extensions[^1]];
    }

    // ehlo-ok-rsp = "250-" Domain CRLF *( "250-" ehlo-line CRLF ) "250" SP ehlo-line CRLF
    private static byte[] RenderEhlo(string hostName, string[] extensions)
    {
        var text = new StringBuilder();
        text.Append("250-").Append(hostName).Append("\r\n");
        for (int i = 0; i < extensions.Length; i++)
            text.Append(i == extensions.Length - 1 ? "250 " : "250-").Append(extensions[i]).Append("\r\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
