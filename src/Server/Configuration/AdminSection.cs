using System.Globalization;
using System.Net;
using SlimtaFast.Admin;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Admin</c>: the listener for health, metrics and operators.</summary>
internal static class AdminSection
{
    private const string Name = "Admin:";
    private const string ListenKey = Name + nameof(AdminOptions.Listen);
    private const string TokenFileKey = Name + "TokenFile";
    private const string HostNamesKey = Name + nameof(AdminOptions.HostNames);

    /// <summary>Reads the section; null where there is no such listener.</summary>
    public static AdminOptions? Read(SettingsReader reader)
    {
        IPEndPoint? listen = reader.Parsed(ListenKey, "", static text => text.Length == 0 ? null! : ParseListen(text), otherwise: (IPEndPoint?)null);
        string tokenFile = reader.Text(TokenFileKey, "");
        IReadOnlyList<string> names = reader.List<string>(HostNamesKey, [], HostNameText.Parse);
        string? token = tokenFile.Length > 0 ? SecretFile.TryRead(reader, TokenFileKey, tokenFile) : null;
        if (listen is null)
        {
            if (reader.Text(ListenKey, "").Length == 0 && (tokenFile.Length > 0 || names.Count > 0))
                reader.Refuse(ListenKey, $"is not given, so that {(tokenFile.Length > 0 ? TokenFileKey : HostNamesKey)} is for nothing");
            return null;
        }

        if (!IPAddress.IsLoopback(listen.Address) && tokenFile.Length == 0)
            reader.Refuse(ListenKey, $"'{listen}' is not a loopback address: whoever can connect could ask; give {TokenFileKey}");
        return new AdminOptions { Listen = listen, Token = token is { Length: > 0 } ? token : null, HostNames = names };
    }

    private static IPEndPoint ParseListen(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            throw new FormatException($"'{text}' is not ADDR:PORT, such as 127.0.0.1:2580");
        return new IPEndPoint(ListenAddress.ParseAddress(text[..colon]), port);
    }
}
