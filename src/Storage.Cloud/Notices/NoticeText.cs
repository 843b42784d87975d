using System.Globalization;
using System.Text.Json;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Cloud.Notices;

/// <summary>What messages say, as python-slimta's do: <c>{"timestamp": 1.5, "storage_id": "..."}</c>.</summary>
internal static class NoticeText
{
    /// <summary>Writes a message.</summary>
    public static string Format(QueueId id, decimal timestamp) =>
        string.Create(CultureInfo.InvariantCulture, $"{{\"timestamp\": {timestamp:0.0######}, \"storage_id\": \"{id}\"}}");

    /// <summary>Reads a message; false for one that is none of ours.</summary>
    public static bool TryParse(string body, out QueueId id)
    {
        id = default;
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("storage_id", out JsonElement text)
                && text.ValueKind == JsonValueKind.String
                && QueueId.TryParse(text.GetString(), out id);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
