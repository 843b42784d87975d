using System.Security.Cryptography;
using System.Text;

namespace SlimtaFast.Protocol.Sasl;

/// <summary>
/// The key schedule of SCRAM (RFC 5802 section 3) over SHA-256:
/// <code>
/// SaltedPassword  := Hi(Normalize(password), salt, i)
/// ClientKey       := HMAC(SaltedPassword, "Client Key")       StoredKey := H(ClientKey)
/// ClientSignature := HMAC(StoredKey, AuthMessage)             ClientProof := ClientKey XOR ClientSignature
/// ServerKey       := HMAC(SaltedPassword, "Server Key")       ServerSignature := HMAC(ServerKey, AuthMessage)
/// </code>
/// </summary>
internal static class ScramKeys
{
    /// <summary>Octets of every key.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    /// <summary>The expensive step.</summary>
    public static void Salt(string preparedPassword, ReadOnlySpan<byte> salt, int iterations, Span<byte> salted)
    {
        byte[] password = Encoding.UTF8.GetBytes(preparedPassword);
        Rfc2898DeriveBytes.Pbkdf2(password, salt, salted, iterations, HashAlgorithmName.SHA256);
        CryptographicOperations.ZeroMemory(password);
    }

    /// <summary>The client's key.</summary>
    public static void DeriveClientKey(ReadOnlySpan<byte> salted, Span<byte> clientKey) => HMACSHA256.HashData(salted, "Client Key"u8, clientKey);

    /// <summary>The hash of the client's key.</summary>
    public static void DeriveStoredKey(ReadOnlySpan<byte> salted, Span<byte> storedKey)
    {
        Span<byte> clientKey = stackalloc byte[Length];
        DeriveClientKey(salted, clientKey);
        SHA256.HashData(clientKey, storedKey);
        CryptographicOperations.ZeroMemory(clientKey);
    }

    /// <summary>The server's key.</summary>
    public static void DeriveServerKey(ReadOnlySpan<byte> salted, Span<byte> serverKey) => HMACSHA256.HashData(salted, "Server Key"u8, serverKey);

    /// <summary>A signature over the exchange.</summary>
    public static void Sign(ReadOnlySpan<byte> key, ReadOnlySpan<byte> authMessage, Span<byte> signature) => HMACSHA256.HashData(key, authMessage, signature);

    /// <summary>Turns a key into a proof, or a proof into the key.</summary>
    public static void Xor(Span<byte> target, ReadOnlySpan<byte> other)
    {
        for (int i = 0; i < target.Length; i++)
            target[i] ^= other[i];
    }
}
