using SlimtaFast.Lookup;

namespace SlimtaFast.Server.Configuration;

/// <summary>Where a list of addresses is kept: a file, Redis, or an SQLite database. Immutable.</summary>
internal abstract record LookupAddress
{
    /// <summary>Reads <c>FILE</c>, <c>sqlite:FILE?query=SELECT...</c> or <c>redis[s]://HOST[:PORT][/DATABASE][?prefix=TEXT&amp;timeout=TIME]</c>; a <see cref="FormatException"/> says what is wrong.</summary>
    public static LookupAddress Parse(string text) =>
        RedisLookupAddress.IsRedis(text) ? RedisLookupAddress.ParseUri(text)
        : SqliteLookupAddress.IsSqlite(text) ? SqliteLookupAddress.ParseUri(text)
        : FileLookupAddress.ParsePath(text);

    /// <summary>True where the text is an address in a database, not the path of a file.</summary>
    public static bool IsDatabase(string text) => RedisLookupAddress.IsRedis(text) || SqliteLookupAddress.IsSqlite(text);

    /// <summary>The source at this address; the caller disposes it where it can be.</summary>
    public abstract ILookup Open(LookupSecrets secrets, TimeProvider time, Action<Exception> failed);
}
