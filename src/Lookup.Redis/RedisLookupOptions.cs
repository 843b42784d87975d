namespace SlimtaFast.Lookup.Redis;

/// <summary>Where a <see cref="RedisLookup"/> finds its values, and how. Immutable.</summary>
public sealed record RedisLookupOptions
{
    /// <summary>The server's name or address.</summary>
    public required string Host { get; init; }

    /// <summary>Its port. Default 6379.</summary>
    public int Port { get; init; } = 6379;

    /// <summary>The number of the database. Default 0.</summary>
    public int Database { get; init; }

    /// <summary>What stands before each key, for example <c>slimta:recipients:</c>. Default: nothing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The user of the server's access list; empty for its default user.</summary>
    public string UserName { get; init; } = "";

    /// <summary>The user's password; empty for none.</summary>
    public string Password { get; init; } = "";

    /// <summary>True to speak TLS, with the server's certificate checked for <see cref="Host"/>. Default false.</summary>
    public bool Tls { get; init; }

    /// <summary>How long one look-up may take, with connecting. Default 2 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);
}
