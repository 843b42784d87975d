namespace SlimtaFast.Protocol.Sasl;

/// <summary>
/// PLAIN (RFC 4616):
/// <code>message = [authzid] NUL authcid NUL passwd</code>
/// Nobody may act for somebody else: an authorization identity is refused unless it is the user's own name.
/// </summary>
internal sealed class PlainServer() : SaslServer(SaslMechanisms.Plain)
{
    /// <inheritdoc/>
    public override SaslStatus Take(ReadOnlySpan<byte> response)
    {
        int first = response.IndexOf((byte)0);
        int second = first < 0 ? -1 : response[(first + 1)..].IndexOf((byte)0);
        if (second < 0)
            return SaslStatus.Malformed;
        ReadOnlySpan<byte> rest = response[(first + 1)..];
        if (!TryReadText(response[..first], out string actFor) || !TryReadText(rest[..second], out string name) || !TryReadText(rest[(second + 1)..], out string password)
            || name.Length == 0 || password.Length == 0)
            return SaslStatus.Malformed;
        UserName = name;
        if (!SaslPrep.TryPrepare(name, out string? prepared))
            return SaslStatus.Rejected;
        if (actFor.Length > 0 && !(SaslPrep.TryPrepare(actFor, out string? other) && other == prepared))
            return SaslStatus.Rejected;
        return Ask(AuthenticationRequestKind.Password, prepared, password);
    }

    /// <inheritdoc/>
    public override SaslStatus Resume(AuthenticationAnswer answer) => Conclude(answer);
}
