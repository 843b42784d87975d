using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using SlimtaFast.Protocol.Transport.Tls;

namespace SlimtaFast.Server.Configuration;

/// <summary>
/// Reads settings by key and collects every mistake with the key's name instead of stopping at the first. A key that nobody read is a
/// mistake too, found by <see cref="RefuseUnknownKeys"/>.
/// </summary>
internal sealed class SettingsReader
{
    /// <summary>What editors look for in a file of JSON; it means nothing to the server.</summary>
    public const string SchemaKey = "$schema";

    private readonly IConfigurationRoot _configuration;
    private readonly Dictionary<string, KeyShape> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _errors = [];

    /// <summary>Reads from layered sources, the last one first.</summary>
    public SettingsReader(IConfigurationRoot configuration) => _configuration = configuration;

    /// <summary>What is wrong, each with the key in front.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Every key that was asked for.</summary>
    public IReadOnlyCollection<string> KnownKeys => _known.Keys;

    /// <summary>What their values look like.</summary>
    public IReadOnlyDictionary<string, KeyShape> Shapes => _known;

    /// <summary>Tells a mistake.</summary>
    public void Refuse(string key, string message) => _errors.Add($"{key}: {message}");

    /// <summary>A text; empty counts as not given.</summary>
    public string Text(string key, string fallback)
    {
        _known.TryAdd(key, new KeyShape(KeyKind.Text));
        return _configuration[key] is { Length: > 0 } text ? text.Trim() : fallback;
    }

    /// <summary>A text whose blanks at both ends belong to it.</summary>
    public string Verbatim(string key, string fallback)
    {
        _known.TryAdd(key, new KeyShape(KeyKind.Text));
        return _configuration[key] ?? fallback;
    }

    /// <summary>A text that a parser turns into something; the parser's <see cref="FormatException"/> is the mistake's wording.</summary>
    public T Parsed<T>(string key, string fallback, Func<string, T> parse)
    {
        try
        {
            return parse(Text(key, fallback));
        }
        catch (FormatException wrong)
        {
            Refuse(key, wrong.Message);
            return parse(fallback);
        }
    }

    /// <summary>The same where there is no text that stands for the default.</summary>
    public T? Parsed<T>(string key, string fallback, Func<string, T> parse, T? otherwise)
        where T : class
    {
        T? value = otherwise;
        Attempt(key, () => value = parse(Text(key, fallback)));
        return value;
    }

    /// <summary>Does something whose <see cref="FormatException"/> is the wording of a mistake.</summary>
    public void Attempt(string key, Action work)
    {
        try
        {
            work();
        }
        catch (FormatException wrong)
        {
            Refuse(key, wrong.Message);
        }
    }

    /// <summary>A whole number between two bounds.</summary>
    public int Number(string key, int fallback, int least, int most)
    {
        _known[key] = new KeyShape(KeyKind.Number, least, most);
        string text = Text(key, "");
        if (text.Length == 0)
            return fallback;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
            return number;
        Refuse(key, string.Create(CultureInfo.InvariantCulture, $"'{text}' is not a whole number from {least} to {most}"));
        return fallback;
    }

    /// <summary>A number of octets.</summary>
    public long Size(string key, long fallback, long least = 0)
    {
        _known[key] = new KeyShape(KeyKind.Size, least);
        string text = Text(key, "");
        if (text.Length == 0)
            return fallback;
        if (UnitText.TryParseSize(text, out long octets) && octets >= least)
            return octets;
        Refuse(key, string.Create(CultureInfo.InvariantCulture, $"'{text}' is not a number of octets of at least {least}, such as 65536, 64K or 50M"));
        return fallback;
    }

    /// <summary>A duration with its unit, longer than zero.</summary>
    public TimeSpan Duration(string key, TimeSpan fallback)
    {
        _known[key] = new KeyShape(KeyKind.Duration);
        string text = Text(key, "");
        if (text.Length == 0)
            return fallback;
        if (UnitText.TryParseDuration(text, out TimeSpan duration) && duration > TimeSpan.Zero)
            return duration;
        Refuse(key, $"'{text}' is not a duration such as 30s, 5m, 4h or 5d");
        return fallback;
    }

    /// <summary>A duration with its unit, or <c>off</c>, which is zero.</summary>
    public TimeSpan DurationOrOff(string key, TimeSpan fallback)
    {
        bool isOff = Text(key, "").Equals("off", StringComparison.OrdinalIgnoreCase);
        TimeSpan duration = isOff ? TimeSpan.Zero : Duration(key, fallback);
        _known[key] = new KeyShape(KeyKind.DurationOrOff);
        return duration;
    }

    /// <summary>Yes or no.</summary>
    public bool Truth(string key, bool fallback)
    {
        _known[key] = new KeyShape(KeyKind.Truth);
        string text = Text(key, "");
        if (text.Length == 0)
            return fallback;
        if (bool.TryParse(text, out bool truth))
            return truth;
        Refuse(key, $"'{text}' is neither true nor false");
        return fallback;
    }

    /// <summary>An IP address, or null where none is given.</summary>
    public IPAddress? Address(string key)
    {
        string text = Text(key, "");
        if (text.Length == 0)
            return null;
        if (IPAddress.TryParse(text, out IPAddress? address))
            return address;
        Refuse(key, $"'{text}' is not an IP address");
        return null;
    }

    /// <summary>The certificates of a PEM file of authorities, or null where none is given.</summary>
    public X509Certificate2Collection? Authorities(string key)
    {
        string file = Text(key, "");
        try
        {
            return file.Length == 0 ? null : TlsAuthorities.Read(file);
        }
        catch (TlsCertificateException wrong)
        {
            Refuse(key, wrong.Message);
            return null;
        }
    }

    /// <summary>One of a few words.</summary>
    public T Choice<T>(string key, T fallback)
        where T : struct, Enum
    {
        _known[key] = new KeyShape(KeyKind.Choice, Words: Enum.GetNames<T>());
        string text = Text(key, "");
        if (text.Length == 0)
            return fallback;
        foreach (string name in Enum.GetNames<T>())
        {
            if (name.Equals(text, StringComparison.OrdinalIgnoreCase))
                return Enum.Parse<T>(name);
        }

        Refuse(key, $"'{text}' is none of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}");
        return fallback;
    }

    /// <summary>
    /// A list, each entry parsed: an array, or one text with commas. The highest source that has any entry gives the whole list, because
    /// mixing entries of several sources by their numbers is what nobody means.
    /// </summary>
    public IReadOnlyList<T> List<T>(string key, IReadOnlyList<T> fallback, Func<string, T> parse)
    {
        _known[key] = new KeyShape(KeyKind.List);
        foreach (IConfigurationProvider source in _configuration.Providers.Reverse())
        {
            List<string> entries = Entries(source, key);
            if (entries.Count > 0)
                return ParseAll(key, entries, parse);
        }

        return fallback;
    }

    /// <summary>
    /// The keys of a list of sections, such as <c>Routes:0:</c>, in the order of their numbers. Sources are laid over each other section by section, so
    /// that the environment can add a password to a route of the file.
    /// </summary>
    public IReadOnlyList<string> Sections(string key)
    {
        _known[key] = new KeyShape(KeyKind.Objects);
        var numbers = new SortedSet<int>();
        foreach (string name in _configuration.GetSection(key).GetChildren().Select(static child => child.Key))
        {
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                numbers.Add(number);
            else
                Refuse(ConfigurationPath.Combine(key, name), $"{key} is a list of sections, numbered from 0");
        }

        return [.. numbers.Select(number => string.Create(CultureInfo.InvariantCulture, $"{key}:{number}:"))];
    }

    /// <summary>
    /// An array of objects: what stands before the keys of each, in order. One source gives all of it, because mixing the objects of several
    /// by their numbers is what nobody means.
    /// </summary>
    public IReadOnlyList<string> Objects(string key)
    {
        IConfigurationProvider[] givers = [.. _configuration.Providers.Where(source => source.GetChildKeys([], key).Any())];
        if (givers.Length > 1)
            Refuse(key, "it is given in more than one place: give it in the file or in the environment");
        if (_configuration[key] is { Length: > 0 })
            Refuse(key, "it is not an array of objects");
        return Sections(key);
    }

    /// <summary>Adds a mistake for every key that was given but is not one of ours.</summary>
    public void RefuseUnknownKeys(params ReadOnlySpan<string> foreignSections)
    {
        foreach ((string key, string? value) in _configuration.AsEnumerable())
        {
            if (value is null || _known.ContainsKey(key) || key.Equals(SchemaKey, StringComparison.Ordinal) || IsListEntry(key) || IsForeign(key, foreignSections))
                continue;
            string? near = NearestName.Find(key, _known.Keys);
            Refuse(key, near is null ? "there is no such key" : $"there is no such key; did you mean {near}?");
        }
    }

    private static List<string> Entries(IConfigurationProvider source, string key)
    {
        var entries = new List<string>();
        if (source.TryGet(key, out string? text) && !string.IsNullOrWhiteSpace(text))
            entries.AddRange(text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        foreach (string index in source.GetChildKeys([], key).Distinct())
        {
            if (source.TryGet(ConfigurationPath.Combine(key, index), out string? entry) && !string.IsNullOrWhiteSpace(entry))
                entries.Add(entry.Trim());
        }

        return entries;
    }

    private static bool IsForeign(string key, ReadOnlySpan<string> sections)
    {
        foreach (string section in sections)
        {
            if (key.StartsWith(section + ConfigurationPath.KeyDelimiter, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private List<T> ParseAll<T>(string key, List<string> entries, Func<string, T> parse)
    {
        var values = new List<T>(entries.Count);
        foreach (string entry in entries)
        {
            try
            {
                values.Add(parse(entry));
            }
            catch (FormatException wrong)
            {
                Refuse(key, wrong.Message);
            }
        }

        return values;
    }

    private bool IsListEntry(string key)
    {
        int delimiter = key.LastIndexOf(ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
        return delimiter > 0 && _known.ContainsKey(key[..delimiter]) && int.TryParse(key.AsSpan(delimiter + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }
}
