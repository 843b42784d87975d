using System.Text.Json.Serialization;

namespace SlimtaFast.Storage.Cloud.Records;

/// <summary>How records are written: as JSON that says nothing of what is nothing.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(ItemRecord))]
internal sealed partial class RecordJson : JsonSerializerContext;
