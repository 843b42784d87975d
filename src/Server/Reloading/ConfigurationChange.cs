using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace SlimtaFast.Server.Reloading;

/// <summary>What is different in one configuration from another, and the mixture of both that a running server can go by.</summary>
internal static class ConfigurationChange
{
    /// <summary>The keys whose values differ, each once, in order; a list or array counts as one key.</summary>
    public static IReadOnlyList<string> Find(IConfigurationRoot before, IConfigurationRoot after)
    {
        Dictionary<string, string> old = Flatten(before), now = Flatten(after);
        IEnumerable<string> changed = old.Keys.Union(now.Keys, StringComparer.OrdinalIgnoreCase)
            .Where(key => !string.Equals(old.GetValueOrDefault(key), now.GetValueOrDefault(key), StringComparison.Ordinal));
        return [.. changed.Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// A configuration with the keys of <paramref name="after"/> but for those that <paramref name="stays"/> names, which are as they were. Sources keep their
    /// order, because of lists the highest source gives the whole.
    /// </summary>
    public static IConfigurationRoot Mix(IConfigurationRoot before, IConfigurationRoot after, Func<string, bool> stays)
    {
        var builder = new ConfigurationBuilder();
        Add(builder, before, stays);
        Add(builder, after, key => !stays(key));
        return builder.Build();
    }

    /// <summary>The name of a key without numbers of entries, such as <c>Listen</c> for <c>Listen:0</c>.</summary>
    private static string NameOf(string key)
    {
        string[] parts = key.Split(ConfigurationPath.KeyDelimiter);
        int end = Array.FindIndex(parts, static part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        return end < 0 ? key : string.Join(ConfigurationPath.KeyDelimiter, parts[..end]);
    }

    private static void Add(ConfigurationBuilder builder, IConfigurationRoot from, Func<string, bool> wanted)
    {
        foreach (IConfigurationProvider provider in from.Providers)
        {
            var kept = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
            Collect(provider, null, wanted, kept);
            // Else there would be more sources after each reload.
            if (kept.Count > 0)
                builder.AddInMemoryCollection(kept);
        }
    }

    // Asked key by key: a root of its own would have the provider read its file again.
    private static void Collect(IConfigurationProvider provider, string? parent, Func<string, bool> wanted, Dictionary<string, string?> kept)
    {
        foreach (string child in provider.GetChildKeys([], parent).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            string key = parent is null ? child : ConfigurationPath.Combine(parent, child);
            if (wanted(key) && provider.TryGet(key, out string? value))
                kept[key] = value;
            Collect(provider, key, wanted, kept);
        }
    }

    // An empty text means the same as no key.
    private static Dictionary<string, string> Flatten(IConfigurationRoot root)
    {
        IEnumerable<IGrouping<string, KeyValuePair<string, string?>>> byName = root.AsEnumerable()
            .Where(static pair => !string.IsNullOrEmpty(pair.Value))
            .OrderBy(static pair => pair.Key, StringComparer.OrdinalIgnoreCase)
            .GroupBy(static pair => NameOf(pair.Key), StringComparer.OrdinalIgnoreCase);
        return byName.ToDictionary(static group => group.Key, static group => string.Join('\n', group.Select(static pair => $"{pair.Key.ToUpperInvariant()}={pair.Value}")), StringComparer.OrdinalIgnoreCase);
    }
}
