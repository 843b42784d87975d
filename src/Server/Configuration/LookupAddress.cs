using SlimtaFast.Lookup;

namespace SlimtaFast.Server.Configuration;

/// <summary>Where a list of addresses is kept: a file, or Redis. Immutable.</summary>
internal abstract record LookupAddress
{
    /// <summary>Reads <c>FILE</c> or <c>redis[s]://HOST[:PORT][/DATABASE][?prefix=TEXT&amp;timeout=TIME]</c>; a <see cref="FormatException"/> says what is wrong.</summary>
    public static LookupAddress Parse(string text) =>
        RedisLookupAddress.IsRedis(text) ? RedisLookupAddress.ParseUri(text) : FileLookupAddress.ParsePath(text);

    /// <summary>The source at this address; the caller disposes it where it can be.</summary>
    public abstract ILookup Open(LookupSecrets secrets, TimeProvider time, Action<Exception> failed);
}
