namespace SlimtaFast.Storage.Redis;

/// <summary>Where and how <see cref="RedisStorage"/> keeps mail. Immutable.</summary>
public sealed record RedisStorageOptions
{
    /// <summary>The most <see cref="Lanes"/>.</summary>
    public const int MostLanes = 64;

    /// <summary>The servers as host and port: one, or some of a cluster, or the Sentinels.</summary>
    public required IReadOnlyList<KeyValuePair<string, int>> Servers { get; init; }

    /// <summary>The number of the database; a cluster has only 0, the default.</summary>
    public int Database { get; init; }

    /// <summary>What all keys begin with. Default <c>slimta:</c>.</summary>
    public string Prefix { get; init; } = "slimta:";

    /// <summary>The name under which Sentinels know the server; empty, the default, where <see cref="Servers"/> are no Sentinels.</summary>
    public string SentinelService { get; init; } = "";

    /// <summary>True for a cluster: keys are <c>slimta:{NN}:ID</c>, and each NN has a set of due times of its own. Default false.</summary>
    public bool Cluster { get; init; }

    /// <summary>The user of the server's access list; empty for its default user.</summary>
    public string UserName { get; init; } = "";

    /// <summary>The user's password; empty for none.</summary>
    public string Password { get; init; } = "";

    /// <summary>True to speak TLS, with the server's certificate checked for its name. Default false.</summary>
    public bool Tls { get; init; }

    /// <summary>How long one operation may take before it is given up as possibly done. Default 5 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many replicas must have a change before it counts as stored (WAIT); 0, the default, for the server alone. Not for a cluster.</summary>
    public int Replicas { get; init; }

    /// <summary>
    /// Over how many connections single items are written and read; what belongs to one item takes one of them. With two the server flushes what came by one
    /// while the next group of items is collected for the other; with more, groups are smaller, and cost both sides more for each item. Default 2.
    /// </summary>
    public int Lanes { get; init; } = 2;

    /// <summary>Without the password.</summary>
    public override string ToString() => $"RedisStorageOptions {{ Servers = {string.Join(',', Servers.Select(static server => $"{server.Key}:{server.Value}"))}, Database = {Database}, Prefix = {Prefix} }}";

    /// <summary>True for the same settings and the same servers in the same order.</summary>
    public bool Equals(RedisStorageOptions? other) => other is not null && Servers.SequenceEqual(other.Servers)
        && (Database, Prefix, SentinelService, Cluster, UserName, Password, Tls) == (other.Database, other.Prefix, other.SentinelService, other.Cluster, other.UserName, other.Password, other.Tls)
        && (Timeout, Replicas, Lanes) == (other.Timeout, other.Replicas, other.Lanes);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Servers.Count, Database, Prefix);

    /// <summary>Checks what can be checked without a server.</summary>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Servers);
        if (Servers.Count == 0)
            throw new ArgumentException("There is no server.", nameof(Servers));
        ArgumentException.ThrowIfNullOrEmpty(Prefix);
        ArgumentOutOfRangeException.ThrowIfNegative(Database);
        ArgumentOutOfRangeException.ThrowIfNegative(Replicas);
        ArgumentOutOfRangeException.ThrowIfLessThan(Lanes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Lanes, MostLanes);
        ArgumentOutOfRangeException.ThrowIfLessThan(Timeout, TimeSpan.FromMilliseconds(100));
        if (Cluster && (Database != 0 || Replicas != 0 || SentinelService.Length > 0))
            throw new ArgumentException("A cluster has one database, no Sentinels, and no waiting for replicas.", nameof(Cluster));
        if (Cluster && Prefix.AsSpan().IndexOfAny('{', '}') >= 0)
            throw new ArgumentException("In a cluster the prefix has no braces: they decide where a key is kept.", nameof(Prefix));
    }
}
