using SlimtaFast.Events;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Events</c>: where it is told what becomes of mail.</summary>
internal static class EventsSection
{
    private const string Name = "Events:";
    private const string FileKey = Name + "File";
    private const string WebhookKey = Name + "Webhook";
    private const string TokenFileKey = Name + "WebhookTokenFile";
    private const int MostBuffered = 10_000_000;

    /// <summary>Reads the section.</summary>
    public static EventSettings Read(SettingsReader reader)
    {
        var file = new EventFileOptions { Path = reader.Text(FileKey, "") };
        int buffer = reader.Number(Name + nameof(file.Buffer), file.Buffer, 1, MostBuffered);
        file = file with
        {
            MaxSize = reader.Size(Name + "FileMaxSize", file.MaxSize, least: 4096),
            Files = reader.Number(Name + nameof(file.Files), file.Files, 1, 10_000),
            Buffer = buffer,
        };
        return new EventSettings(file.Path.Length > 0 ? file : null, ReadWebhook(reader, buffer));
    }

    private static EventWebhookOptions? ReadWebhook(SettingsReader reader, int buffer)
    {
        Uri? url = reader.Parsed(WebhookKey, "", static text => text.Length == 0 ? null! : ParseUrl(text), otherwise: (Uri?)null);
        string tokenFile = reader.Text(TokenFileKey, "");
        string? token = tokenFile.Length > 0 ? SecretFile.TryRead(reader, TokenFileKey, tokenFile) : null;
        var plain = new EventWebhookOptions { Url = new Uri("http://localhost") };
        EventWebhookOptions options = plain with
        {
            Token = token is { Length: > 0 } ? token : null,
            Batch = reader.Number(Name + "WebhookBatch", plain.Batch, 1, 100_000),
            Delay = reader.Duration(Name + "WebhookDelay", plain.Delay),
            Timeout = reader.Duration(Name + "WebhookTimeout", plain.Timeout),
            LongestPause = reader.Duration(Name + "WebhookLongestPause", plain.LongestPause),
            Buffer = buffer,
        };
        if (url is not null)
            return options with { Url = url };
        if (reader.Text(WebhookKey, "").Length == 0 && tokenFile.Length > 0)
            reader.Refuse(WebhookKey, $"is not given, so that {TokenFileKey} is for nothing");
        return null;
    }

    private static Uri ParseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0
            ? uri
            : throw new FormatException($"'{text}' is not a URL such as https://books.example.org/mail-events");
}
