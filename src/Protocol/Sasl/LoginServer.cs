namespace SlimtaFast.Protocol.Sasl;

/// <summary>LOGIN (draft-murchison-sasl-login): asks for the name, which may come as initial response, and then for the password.</summary>
internal sealed class LoginServer() : SaslServer(SaslMechanisms.Login)
{
    private static readonly ReadOnlyMemory<byte> AskName = "Username:"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> AskPassword = "Password:"u8.ToArray();

    private bool _hasName;

    /// <inheritdoc/>
    public override SaslStatus Begin() => Send(AskName);

    /// <inheritdoc/>
    public override SaslStatus Take(ReadOnlySpan<byte> response)
    {
        if (!TryReadText(response, out string text) || text.Length == 0)
            return SaslStatus.Malformed;
        if (!_hasName)
        {
            _hasName = true;
            UserName = text;
            return Send(AskPassword);
        }

        return SaslPrep.TryPrepare(UserName, out string? prepared)
            ? Ask(AuthenticationRequestKind.Password, prepared, text)
            : SaslStatus.Rejected;
    }

    /// <inheritdoc/>
    public override SaslStatus Resume(AuthenticationAnswer answer) => Conclude(answer);
}
