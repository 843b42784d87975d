using System.Globalization;
using System.Net;
using SlimtaFast.Relay;

namespace SlimtaFast.Server.Configuration;

/// <summary>Reads <c>ADDRESS[?weight=N&amp;name=HOST]</c>.</summary>
internal static class SourceAddressText
{
    private const int MostWeight = 1000;

    /// <summary>The address with its share and name, or a <see cref="FormatException"/>.</summary>
    public static SourceAddress Parse(string text)
    {
        (string address, IReadOnlyList<KeyValuePair<string, string>> parameters) = QueryText.Split(text);
        if (!IPAddress.TryParse(address, out IPAddress? parsed))
            throw new FormatException($"'{address}' is not an IP address of this host");
        var source = new SourceAddress(parsed);
        foreach ((string name, string value) in parameters)
        {
            source = name switch
            {
                "weight" => source with { Weight = ParseWeight(value) },
                "name" => source with { HelloName = HostNameText.Parse(value) },
                _ => throw new FormatException($"'{text}': a source address knows weight and name, not '{name}'"),
            };
        }

        return source;
    }

    private static int ParseWeight(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int weight) && weight is > 0 and <= MostWeight
            ? weight
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"weight={value} is not a whole number from 1 to {MostWeight}"));
}
