using System.Globalization;
using System.Numerics;
using SlimtaFast.Mail;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Connections;

/// <summary>The names of keys. In a cluster each item lives at one of several places, which are hash tags; elsewhere there is one place.</summary>
internal sealed class RedisKeys
{
    // Enough that every master of a usual cluster gets its share, few enough that claiming from each of them is cheap.
    private const int ClusterPlaces = 16;

    private const string Bodies = "body:";

    private readonly string[] _prefixes;
    private readonly RedisKey[] _due;

    /// <summary>Makes the names that begin with a prefix.</summary>
    public RedisKeys(string prefix, bool cluster)
    {
        Prefix = prefix;
        _prefixes = cluster
            ? [.. Enumerable.Range(0, ClusterPlaces).Select(place => string.Create(CultureInfo.InvariantCulture, $"{prefix}{{{place:D2}}}:"))]
            : [prefix];
        _due = [.. _prefixes.Select(static place => (RedisKey)(place + "due"))];
        Channel = prefix + "notify";
    }

    /// <summary>What all keys begin with.</summary>
    public string Prefix { get; }

    /// <summary>The channel on which processes tell each other of what may be claimed.</summary>
    public string Channel { get; }

    /// <summary>How many places there are.</summary>
    public int Places => _prefixes.Length;

    /// <summary>What the keys of a place begin with.</summary>
    public string PrefixOf(int place) => _prefixes[place];

    /// <summary>The set of due times of a place.</summary>
    public RedisKey Due(int place) => _due[place];

    /// <summary>The hash of an item.</summary>
    public RedisKey Item(int place, QueueId id) => _prefixes[place] + id;

    /// <summary>An item's content that came ahead of it.</summary>
    public RedisKey Body(int place, QueueId id) => _prefixes[place] + Bodies + id;

    /// <summary>The hash with the pieces of a content.</summary>
    public RedisKey Content(int place, QueueId id) => $"{_prefixes[place]}content:{id}";

    /// <summary>The set of the items that name a content.</summary>
    public RedisKey References(int place, QueueId id) => $"{_prefixes[place]}refs:{id}";

    /// <summary>Where an id is at home: most items are.</summary>
    public int HomeOf(QueueId id) => Spread(id, _prefixes.Length);

    /// <summary>One of so many, evenly and for one id always the same.</summary>
    public static int Spread(QueueId id, int count)
    {
        // The low half of an id is for the most part the same in all that one process makes, and the high half is time: neither spreads by itself.
        ulong mixed = ((ulong)(id.Value >> 64) ^ BitOperations.RotateLeft((ulong)id.Value, 10)) * 0x9E37_79B9_7F4A_7C15;
        return (int)((mixed >> 40) % (uint)count);
    }

    /// <summary>What the name of a key, which may be anything, has behind the prefix, where it is an item's or a body's: its id, <c>body:</c> before that of a body.</summary>
    public bool TryGetName(string key, int place, out string name)
    {
        name = "";
        string prefix = _prefixes[place];
        if (!key.StartsWith(prefix, StringComparison.Ordinal))
            return false;
        ReadOnlySpan<char> rest = key.AsSpan(prefix.Length);
        ReadOnlySpan<char> id = rest.StartsWith(Bodies, StringComparison.Ordinal) ? rest[Bodies.Length..] : rest;
        if (id.Length != QueueId.PrintedLength || !QueueId.TryParse(id, out _))
            return false;
        name = rest.ToString();
        return true;
    }
}
