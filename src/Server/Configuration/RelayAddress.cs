using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using SlimtaFast.Protocol;
using SlimtaFast.Relay;

namespace SlimtaFast.Server.Configuration;

/// <summary>Where queued mail goes, as <c>--relay</c> names it. Immutable.</summary>
/// <param name="Kind">How it is delivered.</param>
/// <param name="Server">The one next hop of <see cref="RelayKind.Smtp"/> and <see cref="RelayKind.Lmtp"/>; else null.</param>
/// <param name="ImplicitTls">True for <c>smtps</c>: the TLS handshake comes first.</param>
/// <param name="Connections">Most connections at once to one next hop, from <c>?connections=N</c>; null for the queue's default.</param>
/// <param name="Socket">The Unix-domain socket of <see cref="RelayKind.Lmtp"/> that takes the place of a server; else null.</param>
/// <param name="ProxyProtocol">In which version a PROXY header is sent first, from <c>?proxy-protocol=v1|v2</c>; null for none.</param>
/// <param name="Url">The URL of <see cref="RelayKind.Http"/>, its query included; else null.</param>
/// <param name="Command">The program of <see cref="RelayKind.Pipe"/>, where it stands behind <c>pipe:</c>; else null.</param>
/// <param name="Path">Where maildrop or dovecot-lda is; null for its usual place.</param>
/// <param name="Processes">Most programs at once, from <c>?processes=N</c>; null for what section <c>Pipe</c> says.</param>
internal sealed record RelayAddress(
    RelayKind Kind,
    HostPort? Server = null,
    bool ImplicitTls = false,
    int? Connections = null,
    string? Socket = null,
    ProxyVersion? ProxyProtocol = null,
    PipeCommand? Command = null,
    string? Path = null,
    int? Processes = null,
    Uri? Url = null)
{
    private const string PipeScheme = "pipe:";
    private const int MostConnections = 10_000;
    private const string Known = "mx:, smtp://HOST:PORT, smtps://HOST:PORT, lmtp://HOST:PORT, lmtp+unix:PATH, http://HOST:PORT/PATH, https://HOST/PATH, pipe:COMMAND ARGS, maildrop:, dovecot-lda:, blackhole: or hold:";

    /// <summary>True where a program takes the mail.</summary>
    public bool IsProgram => Kind is RelayKind.Pipe or RelayKind.Maildrop or RelayKind.DovecotLda;

    /// <summary>The TLS policy of this relay where another one is the usual: who says smtps: wants TLS, and who says https: wants to know with whom.</summary>
    public SmtpTlsPolicy GetTlsPolicy(SmtpTlsPolicy usual) => this switch
    {
        { Kind: RelayKind.Http, ImplicitTls: true } => SmtpTlsPolicy.Verified,
        { ImplicitTls: true } when usual is SmtpTlsPolicy.Off or SmtpTlsPolicy.Opportunistic => SmtpTlsPolicy.Required,
        _ => usual,
    };

    /// <summary>True where the policy wants TLS that this relay cannot have.</summary>
    public bool LacksTls(SmtpTlsPolicy policy) => this is { Kind: RelayKind.Http, ImplicitTls: false } && policy is SmtpTlsPolicy.Required or SmtpTlsPolicy.Verified;

    /// <summary>Reads a relay address, or throws a <see cref="FormatException"/> that says what is wrong.</summary>
    public static RelayAddress Parse(string text)
    {
        // A command may hold anything, question marks too.
        if (text.StartsWith(PipeScheme, StringComparison.OrdinalIgnoreCase))
            return ParsePipe(text[PipeScheme.Length..]);
        if (TryParseUrl(text, out RelayAddress? http))
            return http;
        (string address, IReadOnlyList<KeyValuePair<string, string>> parameters) = QueryText.Split(text);
        RelayAddress relay = ParseAddress(address);
        foreach ((string name, string value) in parameters)
        {
            relay = name switch
            {
                "connections" when relay.Kind is RelayKind.Mx or RelayKind.Smtp or RelayKind.Lmtp => relay with { Connections = ParseCount(name, value) },
                "processes" when relay.IsProgram => relay with { Processes = ParseCount(name, value) },
                "proxy-protocol" when relay.Kind is RelayKind.Smtp or RelayKind.Lmtp => relay with { ProxyProtocol = ParseVersion(value) },
                _ => throw new FormatException(
                    $"'{text}': the relay knows no parameter '{name}'; mx:, smtp: and lmtp: know connections, smtp: and lmtp: also proxy-protocol; maildrop: and dovecot-lda: know processes"),
            };
        }

        return relay;
    }

    private static RelayAddress ParseAddress(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string scheme = colon < 0 ? text : text[..colon];
        switch (scheme.ToUpperInvariant())
        {
            case "MX" when colon >= 0:
                return Bare(RelayKind.Mx, text, colon);
            case "BLACKHOLE" when colon >= 0:
                return Bare(RelayKind.Blackhole, text, colon);
            case "HOLD" when colon >= 0:
                return Bare(RelayKind.Hold, text, colon);
            case "SMTP" when colon >= 0:
                return new RelayAddress(RelayKind.Smtp, HostPort.ParseSmtp(text));
            case "SMTPS" when colon >= 0:
                return new RelayAddress(RelayKind.Smtp, HostPort.ParseSmtps(text), ImplicitTls: true);
            case "LMTP" when colon >= 0:
                return new RelayAddress(RelayKind.Lmtp, HostPort.ParseLmtp(text));
            case "LMTP+UNIX" when colon >= 0:
                return new RelayAddress(RelayKind.Lmtp, Socket: SocketPath.Parse(text[(colon + 1)..]));
            case "MAILDROP" when colon >= 0:
                return new RelayAddress(RelayKind.Maildrop, Path: ParsePath(text, colon));
            case "DOVECOT-LDA" when colon >= 0:
                return new RelayAddress(RelayKind.DovecotLda, Path: ParsePath(text, colon));
            default:
                throw new FormatException($"'{text}' is not a relay; use {Known}");
        }
    }

    // The query is the URL's own.
    private static bool TryParseUrl(string text, [NotNullWhen(true)] out RelayAddress? relay)
    {
        relay = null;
        bool isSecure = text.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        if (!isSecure && !text.StartsWith("http:", StringComparison.OrdinalIgnoreCase))
            return false;
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Host.Length == 0)
            throw new FormatException($"'{text}' is not a URL such as http://10.0.0.5:8025/mail");
        if (url.UserInfo.Length > 0)
            throw new FormatException($"'{url.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped)}': user and password do not belong into the URL; use Delivery:UserName and Delivery:PasswordFile");
        if (url.Fragment.Length > 0)
            throw new FormatException($"'{text}': a fragment (#...) is never sent; leave it out");
        relay = new RelayAddress(RelayKind.Http, ImplicitTls: isSecure, Url: url);
        return true;
    }

    private static RelayAddress Bare(RelayKind kind, string text, int colon) =>
        colon == text.Length - 1 ? new RelayAddress(kind) : throw new FormatException($"'{text}': nothing may follow {text[..(colon + 1)]}");

    private static RelayAddress ParsePipe(string command) =>
        new(RelayKind.Pipe, Command: string.IsNullOrWhiteSpace(command) ? null : PipeCommand.Parse(command));

    private static string? ParsePath(string text, int colon)
    {
        string path = text[(colon + 1)..];
        return path.Length == 0 || path[0] == '/'
            ? path.Length == 0 ? null : path
            : throw new FormatException($"'{text}': only the absolute path of the program may follow {text[..(colon + 1)]}; its arguments are Pipe:ExtraArguments");
    }

    private static ProxyVersion ParseVersion(string value) => value switch
    {
        "v1" => ProxyVersion.V1,
        "v2" => ProxyVersion.V2,
        _ => throw new FormatException($"proxy-protocol={value} is neither v1 nor v2"),
    };

    private static int ParseCount(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is > 0 and <= MostConnections
            ? count
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{name}={value} is not a whole number from 1 to {MostConnections}"));
}
