using System.Text;

namespace SlimtaFast.Protocol.Sasl;

/// <summary>LOGIN: the name answers the first challenge and the password the second, whatever they say.</summary>
internal sealed class LoginClient(string userName, string password) : SaslClient(SaslMechanisms.Login)
{
    private int _round;

    /// <inheritdoc/>
    public override bool IsSatisfied => _round == 2;

    /// <inheritdoc/>
    public override byte[]? Begin() => null;

    /// <inheritdoc/>
    public override byte[]? Respond(ReadOnlySpan<byte> challenge) => ++_round switch
    {
        1 => Encoding.UTF8.GetBytes(userName),
        2 => Encoding.UTF8.GetBytes(password),
        _ => null,
    };
}
