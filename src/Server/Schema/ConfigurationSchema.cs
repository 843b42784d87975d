using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Schema;

/// <summary>
/// The JSON schema of a configuration file, for editors: made of the keys that the server reads, as it reads them, and of what the documentation says of each.
/// What only reading can find out, such as addresses, is text here; <c>slimtafast check</c> has the last word.
/// </summary>
internal static class ConfigurationSchema
{
    private const string Draft = "http://json-schema.org/draft-07/schema#";

    // Indented and readable: nothing of it goes into a page.
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema as text.</summary>
    public static string Write()
    {
        KeyDocumentation documentation = KeyDocumentation.Load();
        var root = new JsonObject
        {
            ["$schema"] = Draft,
            ["title"] = "Configuration of slimtafast",
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = new JsonObject
            {
                [SettingsReader.SchemaKey] = new JsonObject { ["type"] = "string" },
                ["Logging"] = new JsonObject { ["type"] = "object", ["description"] = "Log levels, as everywhere in .NET: LogLevel and in it Default, or the name of a part." },
            },
        };
        foreach ((string key, KeyShape shape) in ReadShapes().OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            Add(root, key, shape, documentation);
        return root.ToJsonString(Format) + "\n";
    }

    // Keys inside arrays are met only where there is an entry: one route, and one policy of each type. What is wrong with such entries does not matter here.
    private static Dictionary<string, KeyShape> ReadShapes()
    {
        var entries = new Dictionary<string, string?> { ["Routes:0:Relay"] = "mx:" };
        string[] types = [.. PoliciesSection.TypeNames.Order(StringComparer.Ordinal)];
        for (int i = 0; i < types.Length; i++)
        {
            entries[string.Create(CultureInfo.InvariantCulture, $"Policies:{i}:Type")] = types[i];
            if (types[i] == "Forward")
                entries[string.Create(CultureInfo.InvariantCulture, $"Policies:{i}:Rules:0:Pattern")] = "x";
            if (types[i] == "RewriteHeaders")
                entries[string.Create(CultureInfo.InvariantCulture, $"Policies:{i}:Pattern")] = "x";
        }

        var reader = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(entries).Build());
        ServeSettings.Read(reader);
        var shapes = new Dictionary<string, KeyShape>(reader.Shapes, StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < types.Length; i++)
            shapes[string.Create(CultureInfo.InvariantCulture, $"Policies:{i}:Type")] = new KeyShape(KeyKind.Choice, Words: types);
        return shapes;
    }

    private static void Add(JsonObject root, string key, KeyShape shape, KeyDocumentation documentation)
    {
        string[] parts = key.Split(ConfigurationPath.KeyDelimiter);
        JsonObject owner = root;
        string described = "";
        for (int i = 0; i < parts.Length - 1; i++)
        {
            bool isEntry = int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out _);
            // A route's sections are described as those of all mail.
            described = isEntry ? "" : described + parts[i] + ConfigurationPath.KeyDelimiter;
            if (!isEntry)
                owner = Section(owner, parts[i], int.TryParse(parts[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out _));
        }

        var properties = (JsonObject)owner["properties"]!;
        // Policies of different types have keys of the same name.
        if (properties.ContainsKey(parts[^1]))
            return;
        JsonObject value = Describe(shape);
        if (documentation.FindMeaning(described + parts[^1]) is { } meaning)
            value["description"] = meaning;
        if (!key.StartsWith("Policies:", StringComparison.Ordinal) && documentation.FindDefault(described + parts[^1]) is { } standard)
            value["default"] = DefaultOf(shape, standard);
        properties[parts[^1]] = value;
    }

    private static JsonObject Section(JsonObject owner, string name, bool isArray)
    {
        var properties = (JsonObject)owner["properties"]!;
        if (properties[name] is not JsonObject section)
            properties[name] = section = isArray ? Describe(new KeyShape(KeyKind.Objects)) : Empty();
        if (!isArray)
            return section;
        if (section["items"] is not JsonObject { } items || items["properties"] is null)
            section["items"] = items = Empty();
        return items;
    }

    private static JsonObject Empty() => new() { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = new JsonObject() };

    private static JsonObject Describe(KeyShape shape) => shape.Kind switch
    {
        KeyKind.Number => new JsonObject { ["type"] = new JsonArray("integer", "string"), ["minimum"] = shape.Least, ["maximum"] = shape.Most, ["pattern"] = "^[0-9]*$" },
        KeyKind.Size => new JsonObject { ["type"] = new JsonArray("integer", "string"), ["minimum"] = shape.Least, ["pattern"] = "^([0-9]+([KkMmGg]|KiB|MiB|GiB)?)?$" },
        KeyKind.Duration => new JsonObject { ["type"] = "string", ["pattern"] = "^([0-9]+(ms|s|m|h|d))?$" },
        KeyKind.DurationOrOff => new JsonObject { ["type"] = "string", ["pattern"] = "^([0-9]+(ms|s|m|h|d)|[Oo][Ff][Ff])?$" },
        KeyKind.Truth => new JsonObject { ["type"] = new JsonArray("boolean", "string"), ["pattern"] = $"^({AnyCase("true")}|{AnyCase("false")})?$" },
        // The list is for completion; the pattern takes the words in any case, as the server does.
        KeyKind.Choice => new JsonObject
        {
            ["anyOf"] = new JsonArray(
                new JsonObject { ["enum"] = new JsonArray([.. shape.Words!.Select(static word => (JsonNode)word)]) },
                new JsonObject { ["type"] = "string", ["pattern"] = $"^({string.Join('|', shape.Words!.Select(AnyCase))})?$" }),
        },
        KeyKind.List => new JsonObject { ["type"] = new JsonArray("array", "string", "integer"), ["items"] = new JsonObject { ["type"] = new JsonArray("string", "integer") } },
        KeyKind.Objects => new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "object" } },
        _ => new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") },
    };

    private static JsonNode DefaultOf(KeyShape shape, string text) => shape.Kind switch
    {
        KeyKind.Number or KeyKind.Size when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) => number,
        KeyKind.Truth when bool.TryParse(text, out bool truth) => truth,
        _ => text,
    };

    private static string AnyCase(string word)
    {
        var pattern = new StringBuilder();
        foreach (char letter in word)
        {
            if (char.IsAsciiLetter(letter))
                pattern.Append(CultureInfo.InvariantCulture, $"[{char.ToUpperInvariant(letter)}{char.ToLowerInvariant(letter)}]");
            else
                pattern.Append(letter);
        }

        return pattern.ToString();
    }
}
