using System.Text.Json;
using System.Text.Json.Serialization;
using SlimtaFast.Mail;
using SlimtaFast.Queue;

namespace SlimtaFast.Admin.Api;

/// <summary>How the API writes and reads JSON: names and values in camel case, and nothing that it does not know.</summary>
internal static class ApiJson
{
    /// <summary>The way.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>Sets it in options that belong to somebody else.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;

        // A filter with a misspelt name would find more than was meant.
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        AddNames<AddressMatch>(options);
        AddNames<OrderOutcome>(options);
        AddNames<QueueAction>(options);
        AddNames<QueuePlace>(options);
        AddNames<RecipientPhase>(options);
        AddNames<WaitReason>(options);
        options.TypeInfoResolverChain.Insert(0, ApiTypes.Default);
    }

    private static void AddNames<T>(JsonSerializerOptions options)
        where T : struct, Enum => options.Converters.Add(new JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false));

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        Apply(options);
        options.MakeReadOnly();
        return options;
    }
}
