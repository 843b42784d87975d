using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace SlimtaFast.EndToEnd.Tests.Peers;

/// <summary>A bearer token (RFC 7519) for the test's user, with the key set that vouches for it; short, because msmtp reads lines of 500 characters.</summary>
internal static class PeerToken
{
    public const string Issuer = "https://issuer.test/";
    public const string Audience = "smtp";

    /// <summary>Writes the issuer's key set and returns a token that is good for an hour.</summary>
    public static string Issue(string user, string keySetFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECParameters parts = key.ExportParameters(false);
        File.WriteAllText(keySetFile, JsonSerializer.Serialize(new
        {
            keys = new[] { new { kty = "EC", crv = "P-256", use = "sig", kid = "one", x = Base64Url.EncodeToString(parts.Q.X), y = Base64Url.EncodeToString(parts.Q.Y) } },
        }));
        string header = Part(new { alg = "ES256", kid = "one", typ = "JWT" });
        string claims = Part(new { iss = Issuer, aud = Audience, sub = user, exp = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds() });
        byte[] signature = key.SignData(System.Text.Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256);
        return $"{header}.{claims}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Part<T>(T value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}
