using System.Text;

namespace SlimtaFast.Protocol.Sasl;

/// <summary>OAUTHBEARER (RFC 7628) and XOAUTH2; a challenge tells that the token was refused, and is answered so that the server can say so.</summary>
internal sealed class BearerClient(string name, string userName, string token) : SaslClient(name)
{
    private bool _isRefused;

    /// <inheritdoc/>
    public override bool IsSatisfied => !_isRefused;

    /// <inheritdoc/>
    public override byte[] Begin() => Encoding.UTF8.GetBytes(
        Name == SaslMechanisms.OAuthBearer
            ? $"n,a={ScramMessage.QuoteName(userName)},\u0001auth=Bearer {token}\u0001\u0001"
            : $"user={userName}\u0001auth=Bearer {token}\u0001\u0001");

    /// <inheritdoc/>
    public override byte[]? Respond(ReadOnlySpan<byte> challenge)
    {
        if (_isRefused)
            return null;
        _isRefused = true;
        // RFC 7628 section 3.2.3 wants a lone separator; XOAUTH2 an empty response.
        return Name == SaslMechanisms.OAuthBearer ? [1] : [];
    }
}
