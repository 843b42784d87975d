using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace SlimtaFast.Protocol.Sasl;

/// <summary>SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677) as the client, which also checks that the server knows the verifier.</summary>
internal sealed class ScramClient : SaslClient
{
    // A server must not make us hash for minutes.
    private const int MostIterations = 1_000_000;
    private const int LongestSalt = 1024;

    private readonly string _password;
    private readonly byte[] _header;
    private readonly byte[] _binding;
    private readonly byte[] _first;
    private readonly string _nonce;
    private readonly byte[] _expected = new byte[ScramKeys.Length];
    private int _round;

    /// <summary>Starts an exchange.</summary>
    /// <param name="userName">The user.</param>
    /// <param name="password">The password.</param>
    /// <param name="nonce">Our part of the nonce: printable, without a comma, never used before.</param>
    /// <param name="binding">The channel's data for <see cref="SaslOffer.BindingName"/>; empty where it cannot be bound.</param>
    /// <param name="isPlus">True for the mechanism with channel binding, which needs that data.</param>
    public ScramClient(string userName, string password, string nonce, ReadOnlyMemory<byte> binding, bool isPlus)
        : base(isPlus ? SaslMechanisms.ScramSha256Plus : SaslMechanisms.ScramSha256)
    {
        _password = SaslPrep.TryPrepare(password, out string? prepared) ? prepared : password;
        _nonce = nonce;
        // "y" tells the server that we could have bound, so that it notices where somebody hid its offer.
        _header = Encoding.ASCII.GetBytes(isPlus ? $"p={SaslOffer.BindingName},," : binding.IsEmpty ? "n,," : "y,,");
        _binding = isPlus ? binding.ToArray() : [];
        string name = SaslPrep.TryPrepare(userName, out string? preparedName) ? preparedName : userName;
        _first = Encoding.UTF8.GetBytes($"n={ScramMessage.QuoteName(name)},r={nonce}");
    }

    /// <inheritdoc/>
    public override bool IsCostly => _round == 0;

    /// <inheritdoc/>
    public override bool IsSatisfied => _round == 2;

    /// <inheritdoc/>
    public override byte[] Begin() => [.. _header, .. _first];

    /// <inheritdoc/>
    public override byte[]? Respond(ReadOnlySpan<byte> challenge)
    {
        switch (_round)
        {
            case 0:
                byte[]? final = Prove(challenge);
                _round = final is null ? 3 : 1;
                return final;
            case 1:
                bool isServer = IsServer(challenge);
                _round = isServer ? 2 : 3;
                return isServer ? [] : null;
            default:
                return null;
        }
    }

    private byte[]? Prove(ReadOnlySpan<byte> serverFirst)
    {
        var attributes = new ScramMessage(serverFirst);
        if (!attributes.TryTake((byte)'r', out ReadOnlySpan<byte> nonce) || !ScramMessage.IsNonce(nonce)
            || nonce.Length <= _nonce.Length || !nonce.StartsWith(Encoding.ASCII.GetBytes(_nonce))
            || !attributes.TryTake((byte)'s', out ReadOnlySpan<byte> saltText) || !StrictBase64.TryDecode(saltText, out byte[]? salt) || salt.Length is 0 or > LongestSalt
            || !attributes.TryTake((byte)'i', out ReadOnlySpan<byte> count)
            || !Utf8Parser.TryParse(count, out int iterations, out int used) || used != count.Length || iterations is < 1 or > MostIterations)
            return null;
        byte[] withoutProof = [.. "c="u8, .. StrictBase64.Encode([.. _header, .. _binding]), .. ",r="u8, .. nonce];
        byte[] authMessage = [.. _first, (byte)',', .. serverFirst, (byte)',', .. withoutProof];
        Span<byte> salted = stackalloc byte[ScramKeys.Length], key = stackalloc byte[ScramKeys.Length], proof = stackalloc byte[ScramKeys.Length];
        ScramKeys.Salt(_password, salt, iterations, salted);
        ScramKeys.DeriveServerKey(salted, key);
        ScramKeys.Sign(key, authMessage, _expected);
        ScramKeys.DeriveStoredKey(salted, key);
        ScramKeys.Sign(key, authMessage, proof);
        ScramKeys.DeriveClientKey(salted, key);
        ScramKeys.Xor(proof, key);
        CryptographicOperations.ZeroMemory(salted);
        CryptographicOperations.ZeroMemory(key);
        return [.. withoutProof, .. ",p="u8, .. StrictBase64.Encode(proof)];
    }

    private bool IsServer(ReadOnlySpan<byte> serverFinal)
    {
        var attributes = new ScramMessage(serverFinal);
        return attributes.TryTake((byte)'v', out ReadOnlySpan<byte> text) && StrictBase64.TryDecode(text, out byte[]? signature)
            && CryptographicOperations.FixedTimeEquals(signature, _expected);
    }
}
