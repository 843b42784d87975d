using System.Globalization;
using SlimtaFast.Lookup;
using SlimtaFast.Lookup.Redis;

namespace SlimtaFast.Server.Configuration;

/// <summary>A list in Redis.</summary>
/// <param name="Options">Where, without who asks.</param>
internal sealed record RedisLookupAddress(RedisLookupOptions Options) : LookupAddress
{
    private const string Scheme = "redis://", TlsScheme = "rediss://";

    /// <summary>True where a text starts as such an address.</summary>
    public static bool IsRedis(string text) =>
        text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || text.StartsWith(TlsScheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads <c>redis[s]://HOST[:PORT][/DATABASE][?prefix=TEXT&amp;timeout=TIME]</c>.</summary>
    public static RedisLookupAddress ParseUri(string text)
    {
        bool tls = text.StartsWith(TlsScheme, StringComparison.OrdinalIgnoreCase);
        (string address, IReadOnlyList<KeyValuePair<string, string>> parameters) = QueryText.Split(text[(tls ? TlsScheme : Scheme).Length..]);
        if (address.Contains('@', StringComparison.Ordinal))
            throw new FormatException("user and password do not belong into the address: give Redis:UserName and Redis:PasswordFile");
        int slash = address.IndexOf('/', StringComparison.Ordinal);
        HostPort server = HostPort.Parse(slash < 0 ? address : address[..slash], 6379);
        var options = new RedisLookupOptions { Host = server.Host, Port = server.Port, Tls = tls, Database = slash < 0 ? 0 : ReadDatabase(address[(slash + 1)..]) };
        foreach ((string name, string value) in parameters)
        {
            options = name switch
            {
                "prefix" => options with { Prefix = value },
                "timeout" => options with { Timeout = ReadTimeout(value) },
                _ => throw new FormatException($"redis: has no parameter '{name}'; it has prefix and timeout"),
            };
        }

        return new RedisLookupAddress(options);
    }

    /// <inheritdoc/>
    public override ILookup Open(LookupSecrets secrets, TimeProvider time, Action<Exception> failed) =>
        new RedisLookup(Options with { UserName = secrets.RedisUserName, Password = secrets.RedisPassword }, time);

    private static TimeSpan ReadTimeout(string text) =>
        UnitText.TryParseDuration(text, out TimeSpan timeout) && timeout > TimeSpan.Zero ? timeout : throw new FormatException($"'{text}' is not a time such as 2s");

    private static int ReadDatabase(string text) =>
        text.Length == 0 ? 0
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int database) ? database
        : throw new FormatException($"'{text}' is not the number of a database");
}
