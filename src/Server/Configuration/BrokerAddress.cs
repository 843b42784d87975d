using System.Globalization;
using SlimtaFast.Queue.RabbitMq;

namespace SlimtaFast.Server.Configuration;

/// <summary>A queue in a RabbitMQ broker.</summary>
/// <param name="Options">Where, without who asks.</param>
internal sealed record BrokerAddress(RabbitMqOptions Options)
{
    private const string Scheme = "amqp://", TlsScheme = "amqps://";
    private const int UsualPort = 5672, UsualTlsPort = 5671;

    /// <summary>True for what is meant as one.</summary>
    public static bool IsOne(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || text.StartsWith(TlsScheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads <c>amqp[s]://HOST[:PORT][,HOST[:PORT]]...[/VHOST][?prefix=TEXT&amp;timeout=TIME&amp;patience=TIME&amp;prefetch=N&amp;heartbeat=TIME&amp;single=on|off]</c>.</summary>
    public static BrokerAddress Parse(string text)
    {
        if (!IsOne(text))
            throw new FormatException($"'{text}' is no broker; it is amqp://HOST:PORT/VHOST");
        bool tls = text.StartsWith(TlsScheme, StringComparison.OrdinalIgnoreCase);
        (string address, IReadOnlyList<KeyValuePair<string, string>> parameters) = QueryText.Split(text[(tls ? TlsScheme : Scheme).Length..]);
        if (address.Contains('@', StringComparison.Ordinal))
            throw new FormatException("user and password do not belong into the address: give Broker:UserName and Broker:PasswordFile");
        int slash = address.IndexOf('/', StringComparison.Ordinal);
        string host = slash < 0 ? "" : Uri.UnescapeDataString(address[(slash + 1)..]);
        var options = new RabbitMqOptions
        {
            Nodes = [.. (slash < 0 ? address : address[..slash]).Split(',').Select(node => HostPort.Parse(node, tls ? UsualTlsPort : UsualPort)).Select(static node => KeyValuePair.Create(node.Host, node.Port))],
            Tls = tls,
            VirtualHost = host.Length == 0 ? "/" : host,
        };
        foreach ((string name, string value) in parameters)
            options = With(options, name, value);
        return new BrokerAddress(options);
    }

    private static RabbitMqOptions With(RabbitMqOptions options, string name, string value) => name switch
    {
        "prefix" => value.Length is > 0 and <= 100 ? options with { Prefix = value } : throw new FormatException("amqp: prefix= needs a text of at most 100 characters"),
        "timeout" => options with { Timeout = ReadTime(value, TimeSpan.FromMilliseconds(100)) },
        "patience" => options with { StartPatience = ReadTime(value, TimeSpan.Zero) },
        "heartbeat" => options with { Heartbeat = ReadTime(value, TimeSpan.FromSeconds(1)) },
        "prefetch" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= ushort.MaxValue
            ? options with { Prefetch = number }
            : throw new FormatException($"'{value}' is not a number of messages from 1 to {ushort.MaxValue}"),
        "single" => options with { IsSingle = value switch { "on" => true, "off" => false, _ => throw new FormatException($"amqp: single={value} is neither on nor off") } },
        _ => throw new FormatException($"amqp: has no parameter '{name}'; it has prefix, timeout, patience, heartbeat, prefetch and single"),
    };

    private static TimeSpan ReadTime(string text, TimeSpan least) =>
        UnitText.TryParseDuration(text, out TimeSpan time) && time >= least ? time : throw new FormatException($"'{text}' is not a time such as 5s");
}
