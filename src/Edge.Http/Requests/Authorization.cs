using System.Net.Http.Headers;
using System.Text;

namespace SlimtaFast.Edge.Http.Requests;

/// <summary>What a client showed in its Authorization field. Immutable; never shows its secret in text.</summary>
internal sealed class Authorization
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private Authorization(string userName, string secret)
    {
        UserName = userName;
        Secret = secret;
    }

    /// <summary>The user of Basic (RFC 7617); empty for Bearer (RFC 6750).</summary>
    public string UserName { get; }

    /// <summary>The password or the token.</summary>
    public string Secret { get; }

    /// <summary>Reads the field; null where it is of another scheme or malformed. Never throws.</summary>
    public static Authorization? Read(string field)
    {
        if (!AuthenticationHeaderValue.TryParse(field, out AuthenticationHeaderValue? value) || string.IsNullOrEmpty(value.Parameter))
            return null;
        if (value.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            return new Authorization("", value.Parameter);
        if (!value.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
            return null;
        byte[] octets = new byte[value.Parameter.Length];
        if (!Convert.TryFromBase64String(value.Parameter, octets, out int length))
            return null;
        string text;
        try
        {
            text = Strict.GetString(octets, 0, length);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && colon < text.Length - 1 ? new Authorization(text[..colon], text[(colon + 1)..]) : null;
    }
}
