using System.Text;

namespace SlimtaFast.Protocol.Sasl;

/// <summary>PLAIN (RFC 4616).</summary>
internal sealed class PlainClient(string userName, string password) : SaslClient(SaslMechanisms.Plain)
{
    /// <inheritdoc/>
    public override byte[] Begin() => Encoding.UTF8.GetBytes($"\0{userName}\0{password}");

    /// <inheritdoc/>
    public override byte[]? Respond(ReadOnlySpan<byte> challenge) => null;
}
