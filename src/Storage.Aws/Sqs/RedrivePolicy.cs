using System.Globalization;
using System.Text.Json;

namespace SlimtaFast.Storage.Aws.Sqs;

/// <summary>What a queue does with messages that are received again and again.</summary>
internal static class RedrivePolicy
{
    /// <summary>After how many receives a message is put aside; null where it never is, or the policy cannot be read.</summary>
    public static int? MostReceives(string? policy)
    {
        if (string.IsNullOrEmpty(policy))
            return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(policy);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("maxReceiveCount", out JsonElement count))
                return null;
            string text = count.ValueKind == JsonValueKind.String ? count.GetString()! : count.GetRawText();
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int receives) ? receives : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
