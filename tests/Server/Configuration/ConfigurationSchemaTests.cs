using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Server.Schema;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Server.Tests.Configuration;

/// <summary>The schema for editors: it has every key with its description, and what is committed is what the executable prints.</summary>
public sealed class ConfigurationSchemaTests
{
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    [Fact]
    public void Committed_schema_is_what_is_printed()
    {
        string committed = File.ReadAllText(RepositoryTree.Find(Path.Combine("docs", "slimtafast.schema.json")));
        Assert.True(committed == ConfigurationSchema.Write(), "docs/slimtafast.schema.json is stale; accept it by: slimtafast check --schema > docs/slimtafast.schema.json");
    }

    [Fact]
    public void Every_key_has_a_place_and_a_description()
    {
        var schema = (JsonObject)JsonNode.Parse(ConfigurationSchema.Write())!;
        var reader = new SettingsReader(new ConfigurationBuilder().Build());
        ServeSettings.Read(reader);
        Assert.All(reader.KnownKeys, key =>
        {
            JsonNode? place = key.Split(':').Aggregate((JsonNode?)schema, static (node, part) => node?["properties"]?[part]);
            Assert.False(string.IsNullOrWhiteSpace((string?)place?["description"]), key);
        });
    }

    [Theory]
    [InlineData("slimtafast.json")]
    [InlineData("policies.json")]
    public void Examples_have_no_member_that_the_schema_does_not_know(string example)
    {
        var schema = (JsonObject)JsonNode.Parse(ConfigurationSchema.Write())!;
        JsonNode file = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, example)), documentOptions: WithComments)!;
        Assert.Empty(Unknown(schema, file, ""));
    }

    [Fact]
    public void Route_has_the_keys_of_the_sections_that_it_may_have()
    {
        var schema = (JsonObject)JsonNode.Parse(ConfigurationSchema.Write())!;
        JsonNode route = schema["properties"]!["Routes"]!["items"]!["properties"]!;
        Assert.NotNull(route["Domains"]);
        Assert.Equal((string?)schema["properties"]!["Delivery"]!["properties"]!["Tls"]!["description"], (string?)route["Delivery"]!["properties"]!["Tls"]!["description"]);
        Assert.NotNull(route["Pipe"]!["properties"]!["Timeout"]);
    }

    [Fact]
    public void File_may_name_its_schema()
    {
        ServeSettings.Read(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("$schema", (string?)"slimtafast.schema.json")]).Build(), out IReadOnlyList<string> mistakes);
        Assert.Empty(mistakes);
    }

    // Members that are in no "properties" where additional ones are forbidden.
    private static IEnumerable<string> Unknown(JsonNode schema, JsonNode? value, string path)
    {
        if (value is JsonArray array && schema["items"] is { } items)
        {
            foreach (string found in array.SelectMany((entry, i) => Unknown(items, entry, $"{path}[{i}]")))
                yield return found;
        }

        if (value is not JsonObject members || schema["properties"] is not JsonObject properties)
            yield break;
        foreach ((string name, JsonNode? member) in members)
        {
            if (properties[name] is not { } inner)
                yield return $"{path}/{name}";
            else
            {
                foreach (string found in Unknown(inner, member, $"{path}/{name}"))
                    yield return found;
            }
        }
    }
}
