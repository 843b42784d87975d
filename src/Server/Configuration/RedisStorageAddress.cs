using System.Globalization;
using SlimtaFast.Storage.Redis;

namespace SlimtaFast.Server.Configuration;

/// <summary>A queue in Redis.</summary>
/// <param name="Options">Where, without who asks.</param>
internal sealed record RedisStorageAddress(RedisStorageOptions Options) : StorageAddress
{
    private const string Scheme = "redis://", TlsScheme = "rediss://";
    private const int UsualPort = 6379;

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <summary>
    /// Reads <c>redis[s]://HOST[:PORT][,HOST[:PORT]]...[/DATABASE][?prefix=TEXT&amp;timeout=TIME&amp;sentinel=NAME&amp;cluster=on|off&amp;replicas=N&amp;lanes=N]</c>.
    /// </summary>
    public static new RedisStorageAddress Parse(string text)
    {
        bool tls = text.StartsWith(TlsScheme, StringComparison.OrdinalIgnoreCase);
        if (!tls && !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            throw new FormatException($"'{text}' is no place in Redis; it is redis://HOST:PORT/DATABASE");
        (string address, IReadOnlyList<KeyValuePair<string, string>> parameters) = QueryText.Split(text[(tls ? TlsScheme : Scheme).Length..]);
        if (address.Contains('@', StringComparison.Ordinal))
            throw new FormatException("user and password do not belong into the address: give Redis:UserName and Redis:PasswordFile");
        int slash = address.IndexOf('/', StringComparison.Ordinal);
        string servers = slash < 0 ? address : address[..slash];
        var options = new RedisStorageOptions
        {
            Servers = [.. servers.Split(',').Select(static server => HostPort.Parse(server, UsualPort)).Select(static server => KeyValuePair.Create(server.Host, server.Port))],
            Tls = tls,
            Database = slash < 0 ? 0 : ReadNumber(address[(slash + 1)..], "the number of a database"),
        };
        foreach ((string name, string value) in parameters)
            options = With(options, name, value);
        if (options.Cluster && (options.Database != 0 || options.Replicas != 0 || options.SentinelService.Length > 0))
            throw new FormatException("redis: a cluster has one database, no Sentinels, and no waiting for replicas");
        return new RedisStorageAddress(options);
    }

    private static RedisStorageOptions With(RedisStorageOptions options, string name, string value) => name switch
    {
        "prefix" => value.Length > 0 && value.AsSpan().IndexOfAny('{', '}') < 0
            ? options with { Prefix = value }
            : throw new FormatException("redis: prefix= needs a text without braces"),
        "timeout" => options with
        {
            Timeout = UnitText.TryParseDuration(value, out TimeSpan timeout) && timeout >= TimeSpan.FromMilliseconds(100)
                ? timeout
                : throw new FormatException($"'{value}' is not a time such as 5s"),
        },
        "sentinel" => options with { SentinelService = value },
        "cluster" => options with { Cluster = value switch { "on" => true, "off" => false, _ => throw new FormatException($"redis: cluster={value} is neither on nor off") } },
        "lanes" => options with
        {
            Lanes = ReadNumber(value, "a number of connections") is >= 1 and <= RedisStorageOptions.MostLanes and int lanes
                ? lanes
                : throw new FormatException($"redis: lanes={value} is not between 1 and {RedisStorageOptions.MostLanes}"),
        },
        "replicas" => options with { Replicas = ReadNumber(value, "a number of replicas") },
        _ => throw new FormatException($"redis: has no parameter '{name}'; it has prefix, timeout, sentinel, cluster, replicas and lanes"),
    };

    private static int ReadNumber(string text, string what) =>
        text.Length == 0 ? 0
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
        : throw new FormatException($"'{text}' is not {what}");
}
