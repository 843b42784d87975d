using System.Security.Cryptography;
using System.Text;

namespace SlimtaFast.Protocol.Sasl;

/// <summary>
/// CRAM-MD5 (RFC 2195): the server challenges with something that never comes again, the client answers
/// <code>username SP 32(HEXDIG)           ; HMAC-MD5 of the challenge, keyed with the secret</code>
/// </summary>
internal sealed class CramMd5Server : SaslServer
{
    private const int HexLength = 2 * MD5.HashSizeInBytes;

    private readonly byte[] _challenge;
    private readonly byte[] _digest = new byte[MD5.HashSizeInBytes];

    /// <summary>Starts with a challenge such as <c>&lt;1896.697170952@postoffice.example&gt;</c>.</summary>
    public CramMd5Server(string challenge)
        : base(SaslMechanisms.CramMd5) => _challenge = Encoding.ASCII.GetBytes(challenge);

    /// <inheritdoc/>
    public override SaslStatus Begin() => Send(_challenge);

    /// <summary>The server speaks first here: an initial response answers nothing.</summary>
    public override SaslStatus Begin(ReadOnlySpan<byte> initialResponse) => SaslStatus.Malformed;

    /// <inheritdoc/>
    public override SaslStatus Take(ReadOnlySpan<byte> response)
    {
        int space = response.LastIndexOf((byte)' ');
        if (space <= 0 || response.Length - space - 1 != HexLength || !TryReadText(response[..space], out string name)
            || Convert.FromHexString(response[(space + 1)..], _digest, out _, out _) != System.Buffers.OperationStatus.Done)
            return SaslStatus.Malformed;
        UserName = name;
        return SaslPrep.TryPrepare(name, out string? prepared) ? Ask(AuthenticationRequestKind.Secret, prepared) : SaslStatus.Rejected;
    }

    /// <inheritdoc/>
    public override SaslStatus Resume(AuthenticationAnswer answer)
    {
        if (answer.IsUnavailable)
            return SaslStatus.Unavailable;
        // Somebody unknown costs the same work.
        byte[] key = Encoding.UTF8.GetBytes(answer.PlainSecret ?? "nobody has this secret");
#pragma warning disable CA5351 // The mechanism is what it is; it is only offered where it was asked for by name.
        byte[] expected = HMACMD5.HashData(key, _challenge);
#pragma warning restore CA5351
        CryptographicOperations.ZeroMemory(key);
        if (!(CryptographicOperations.FixedTimeEquals(expected, _digest) & answer.PlainSecret is not null))
            return SaslStatus.Rejected;
        Identity = answer.Identity ?? UserName;
        return SaslStatus.Succeeded;
    }
}
