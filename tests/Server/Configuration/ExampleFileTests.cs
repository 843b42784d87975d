using System.Collections;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;
using Microsoft.Extensions.Configuration;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Tests.Configuration;

/// <summary>The example with every key: it cannot go stale, because it is compared with what the server reads.</summary>
public sealed class ExampleFileTests
{
    private static readonly string Path = System.IO.Path.Combine(AppContext.BaseDirectory, "slimtafast.json");

    [Fact]
    public void Example_has_every_key_and_no_other()
    {
        IConfigurationRoot example = new ConfigurationBuilder().AddJsonFile(Path).Build();
        var reader = new SettingsReader(new ConfigurationBuilder().Build());
        ServeSettings.Read(reader);
        HashSet<string> known = [.. reader.KnownKeys], given = [];
        foreach ((string key, string? value) in example.AsEnumerable().Where(pair => pair.Value is not null && pair.Key != SettingsReader.SchemaKey))
        {
            // Entries of lists stand for their list.
            string name = key;
            while (!known.Contains(name) && name.Contains(':', StringComparison.Ordinal))
                name = name[..name.LastIndexOf(':')];
            Assert.True(known.Contains(name), $"There is no key {key}.");
            given.Add(name);
        }

        Assert.Equal(known.Order(StringComparer.Ordinal), given.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Example_means_what_no_file_means()
    {
        ServeSettings with = ServeSettings.Read(new ConfigurationBuilder().AddJsonFile(Path).Build(), out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        ServeSettings without = ServeSettings.Read(new ConfigurationBuilder().Build(), out _);
        Assert.Equal(["AddDate", "AddMessageId", "AddReceived"], with.Policies!.Select(policy => policy.Type));
        Assert.Null(without.Policies);
        foreach (PropertyInfo property in typeof(ServeSettings).GetProperties().Where(p => p.Name != nameof(ServeSettings.Policies)))
            Assert.Equal(property.Name + ": " + Text(property.GetValue(without), 0), property.Name + ": " + Text(property.GetValue(with), 0));
    }

    [Fact]
    public void Text_of_settings_shows_a_difference_deep_inside()
    {
        IConfigurationRoot changed = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Delivery:TlsHandshakeTimeout", (string?)"61s")]).Build();
        ServeSettings plain = ServeSettings.Read(new ConfigurationBuilder().Build(), out _), other = ServeSettings.Read(changed, out _);
        Assert.NotEqual(Text(plain.Delivery, 0), Text(other.Delivery, 0));
    }

    // Everything public in an object, because records compare their lists by reference.
    private static string Text(object? value, int depth)
    {
        switch (value)
        {
            case null:
                return "null";
            case string or bool or Enum or TimeSpan or IPAddress or IPNetwork or EndPoint or Delegate:
            case not null when value.GetType().IsPrimitive || depth > 8:
                return Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            case IEnumerable many:
                return "[" + string.Join(", ", many.Cast<object?>().Select(one => Text(one, depth + 1))) + "]";
        }

        var text = new StringBuilder("{ ");
        foreach (PropertyInfo property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0))
            text.Append(CultureInfo.InvariantCulture, $"{property.Name} = {Text(property.GetValue(value), depth + 1)}; ");
        return text.Append('}').ToString();
    }
}
