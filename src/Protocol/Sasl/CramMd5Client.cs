using System.Security.Cryptography;
using System.Text;

namespace SlimtaFast.Protocol.Sasl;

/// <summary>
/// CRAM-MD5 (RFC 2195) as the client: answers the server's one challenge with the name and the HMAC-MD5 of the challenge, keyed with the
/// password. The password is not shown, but a weak one can be guessed from the answer, and the server proves nothing.
/// </summary>
internal sealed class CramMd5Client(string userName, string password) : SaslClient(SaslMechanisms.CramMd5)
{
    private bool _hasAnswered;

    /// <inheritdoc/>
    public override bool IsSatisfied => _hasAnswered;

    /// <inheritdoc/>
    public override byte[]? Begin() => null;

    /// <inheritdoc/>
    public override byte[]? Respond(ReadOnlySpan<byte> challenge)
    {
        if (_hasAnswered)
            return null;
        _hasAnswered = true;
        byte[] key = Encoding.UTF8.GetBytes(password);
#pragma warning disable CA5351 // The mechanism is what it is; it is only used where the server offers nothing better.
        byte[] digest = HMACMD5.HashData(key, challenge);
#pragma warning restore CA5351
        CryptographicOperations.ZeroMemory(key);
        return Encoding.UTF8.GetBytes($"{userName} {Convert.ToHexStringLower(digest)}");
    }
}
