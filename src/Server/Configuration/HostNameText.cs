namespace SlimtaFast.Server.Configuration;

/// <summary>Reads a host's name.</summary>
internal static class HostNameText
{
    /// <summary>The name, or a <see cref="FormatException"/>.</summary>
    public static string Parse(string text) =>
        Uri.CheckHostName(text) == UriHostNameType.Dns ? text : throw new FormatException($"'{text}' is not a host name such as mx.example.org");
}
