using System.Globalization;
using SlimtaFast.Admin;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Telemetry</c>: the collector that metrics and traces are sent to.</summary>
internal static class TelemetrySection
{
    private const string Name = "Telemetry:";
    private const string OtlpKey = Name + "Otlp";
    private const string HeadersFileKey = Name + "HeadersFile";
    private const string TraceRatioKey = Name + nameof(OtlpOptions.TraceRatio);

    /// <summary>Reads the section; null where nothing is sent.</summary>
    public static OtlpOptions? Read(SettingsReader reader)
    {
        Uri? endpoint = reader.Parsed(OtlpKey, "", static text => text.Length == 0 ? null! : ParseEndpoint(text), otherwise: (Uri?)null);
        var plain = new OtlpOptions { Endpoint = new Uri("http://localhost") };
        string headersFile = reader.Text(HeadersFileKey, "");
        OtlpOptions options = plain with
        {
            Headers = headersFile.Length > 0 ? ReadHeaders(reader, headersFile) : [],
            Interval = reader.Duration(Name + nameof(plain.Interval), plain.Interval),
            Timeout = reader.Duration(Name + nameof(plain.Timeout), plain.Timeout),
            Metrics = reader.Truth(Name + nameof(plain.Metrics), plain.Metrics),
            TraceRatio = ReadRatio(reader, plain.TraceRatio),
        };
        if (endpoint is not null)
            return options with { Endpoint = endpoint };
        if (reader.Text(OtlpKey, "").Length == 0 && (headersFile.Length > 0 || options.TraceRatio > 0))
            reader.Refuse(OtlpKey, $"is not given, so that {(headersFile.Length > 0 ? HeadersFileKey : TraceRatioKey)} is for nothing");
        return null;
    }

    private static Uri ParseEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri is { Query.Length: 0, UserInfo.Length: 0 }
            ? uri
            : throw new FormatException($"'{text}' is not the URL of a collector, such as http://127.0.0.1:4318");

    private static double ReadRatio(SettingsReader reader, double fallback)
    {
        string text = reader.Text(TraceRatioKey, "");
        if (text.Length == 0)
            return fallback;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double ratio) && ratio is >= 0 and <= 1)
            return ratio;
        reader.Refuse(TraceRatioKey, $"'{text}' is not a number from 0 to 1, such as 0.01");
        return fallback;
    }

    // One header field a line, so that tokens stand in no command line and no environment.
    private static List<KeyValuePair<string, string>> ReadHeaders(SettingsReader reader, string path)
    {
        var fields = new List<KeyValuePair<string, string>>();
        foreach (string line in SecretFile.TryRead(reader, HeadersFileKey, path).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                fields.Add(KeyValuePair.Create(line[..colon].Trim(), line[(colon + 1)..].Trim()));
            else
                reader.Refuse(HeadersFileKey, $"{path} has a line that is not NAME: VALUE");
        }

        return fields;
    }
}
