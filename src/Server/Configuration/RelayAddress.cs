using System.Globalization;

namespace SlimtaFast.Server.Configuration;

/// <summary>Where queued mail goes, as <c>--relay</c> names it. Immutable.</summary>
/// <param name="Kind">How it is delivered.</param>
/// <param name="Server">The one next hop of <see cref="RelayKind.Smtp"/>; else null.</param>
/// <param name="ImplicitTls">True for <c>smtps</c>: the TLS handshake comes first.</param>
/// <param name="Connections">Most connections at once to one next hop, from <c>?connections=N</c>; null for the queue's default.</param>
internal sealed record RelayAddress(RelayKind Kind, HostPort? Server = null, bool ImplicitTls = false, int? Connections = null)
{
    private const int MostConnections = 10_000;

    /// <summary>Reads a relay address, or throws a <see cref="FormatException"/> that says what is wrong.</summary>
    public static RelayAddress Parse(string text)
    {
        (string address, IReadOnlyList<KeyValuePair<string, string>> parameters) = QueryText.Split(text);
        RelayAddress relay = ParseAddress(address);
        foreach ((string name, string value) in parameters)
        {
            if (name != "connections" || relay.Kind is RelayKind.Blackhole or RelayKind.Hold)
                throw new FormatException($"'{text}': the relay knows no parameter '{name}'; mx:, smtp: and smtps: know connections");
            relay = relay with { Connections = ParseConnections(value) };
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
            case "LMTP" or "LMTP+UNIX" or "PIPE" or "MAILDROP" or "DOVECOT-LDA" or "HTTP" or "HTTPS" when colon >= 0:
                throw new FormatException($"'{text}': this version relays by mx:, smtp://HOST:PORT, smtps://HOST:PORT, blackhole: and hold: only, not yet by {scheme}");
            default:
                throw new FormatException($"'{text}' is not a relay; use mx:, smtp://HOST:PORT, smtps://HOST:PORT, blackhole: or hold:");
        }
    }

    private static RelayAddress Bare(RelayKind kind, string text, int colon) =>
        colon == text.Length - 1 ? new RelayAddress(kind) : throw new FormatException($"'{text}': nothing may follow {text[..(colon + 1)]}");

    private static int ParseConnections(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is > 0 and <= MostConnections
            ? count
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"connections={value} is not a whole number from 1 to {MostConnections}"));
}
