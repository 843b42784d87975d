using System.Text.Json;
using System.Text.Json.Serialization;

namespace SlimtaFast.Server.Administration;

/// <summary>Writes what the admin API answered as it came, but with all that is not ASCII escaped.</summary>
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class AnswerJson : JsonSerializerContext;
