using System.Globalization;
using System.Text.Json;

namespace SlimtaFast.Storage.OpenStack.Identity;

/// <summary>Reads what identity services answer.</summary>
internal static class TokenReader
{
    private static readonly TimeSpan UsualLife = TimeSpan.FromHours(1);

    /// <summary>Reads the answer of Rackspace's identity v2.0; the region's default comes first.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static AccessToken ReadRackspace(JsonElement root, bool useInternal, DateTimeOffset now)
    {
        JsonElement access = Get(root, "access"), token = Get(access, "token");
        string preferred = access.TryGetProperty("user", out JsonElement user) && user.TryGetProperty("RAX-AUTH:defaultRegion", out JsonElement region) ? region.GetString() ?? "" : "";
        var services = new List<CatalogueEntry>();
        foreach (JsonElement service in Get(access, "serviceCatalog").EnumerateArray())
        {
            foreach (JsonElement endpoint in Get(service, "endpoints").EnumerateArray())
            {
                if (Text(endpoint, useInternal ? "internalURL" : "publicURL") is { Length: > 0 } address)
                    services.Add(new CatalogueEntry(Text(service, "type"), Text(endpoint, "region"), address.TrimEnd('/')));
            }
        }

        services.Sort((left, right) => (right.Region == preferred).CompareTo(left.Region == preferred));
        return new AccessToken(Get(token, "id").GetString()!, ReadTime(Text(token, "expires"), now), services);
    }

    /// <summary>Reads the answer of Keystone v3, whose token itself is a header.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static AccessToken ReadKeystone(JsonElement root, string token, bool useInternal, DateTimeOffset now)
    {
        JsonElement body = Get(root, "token");
        var services = new List<CatalogueEntry>();
        if (body.TryGetProperty("catalog", out JsonElement catalogue))
        {
            foreach (JsonElement service in catalogue.EnumerateArray())
            {
                foreach (JsonElement endpoint in Get(service, "endpoints").EnumerateArray())
                {
                    if (Text(endpoint, "interface") == (useInternal ? "internal" : "public"))
                        services.Add(new CatalogueEntry(Text(service, "type"), Text(endpoint, "region_id") is { Length: > 0 } id ? id : Text(endpoint, "region"), Text(endpoint, "url").TrimEnd('/')));
                }
            }
        }

        return new AccessToken(token, ReadTime(Text(body, "expires_at"), now), services);
    }

    private static DateTimeOffset ReadTime(string text, DateTimeOffset now) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time) ? time : now + UsualLife;

    private static JsonElement Get(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : throw new FormatException($"the identity service's answer has no '{name}'");

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
