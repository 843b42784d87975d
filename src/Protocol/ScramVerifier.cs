using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SlimtaFast.Protocol.Sasl;

namespace SlimtaFast.Protocol;

/// <summary>
/// What a server keeps of a password for SCRAM-SHA-256 (RFC 5802 section 3): it proves that a client knows the password, and does not
/// contain it. A password that is sent in clear is checked against it too. Immutable and thread-safe.
/// </summary>
public sealed class ScramVerifier
{
    /// <summary>Rounds of hashing that a new verifier gets where nothing else is said (RFC 7677 section 4 asks for 4,096 at least).</summary>
    public const int DefaultIterations = 15_000;

    /// <summary>Most rounds of hashing that are read or made: a check takes about a second then.</summary>
    public const int MostIterations = 2_000_000;

    private const int SaltLength = 16;
    private const int LongestSalt = 256;
    private const string Prefix = "{SCRAM-SHA-256}";

    private readonly byte[] _salt;
    private readonly byte[] _storedKey;
    private readonly byte[] _serverKey;

    private ScramVerifier(byte[] salt, int iterations, byte[] storedKey, byte[] serverKey)
    {
        _salt = salt;
        Iterations = iterations;
        _storedKey = storedKey;
        _serverKey = serverKey;
    }

    /// <summary>The salt, which clients are told.</summary>
    public ReadOnlyMemory<byte> Salt => _salt;

    /// <summary>Rounds of hashing, which clients are told.</summary>
    public int Iterations { get; }

    /// <summary>The hash of the client's key.</summary>
    internal ReadOnlySpan<byte> StoredKey => _storedKey;

    /// <summary>The key with which the server proves that it knows the verifier.</summary>
    internal ReadOnlySpan<byte> ServerKey => _serverKey;

    /// <summary>
    /// Makes the verifier of a password with a random salt. Takes some milliseconds of CPU for each 10,000 iterations. Throws
    /// <see cref="ArgumentException"/> where SASLprep (RFC 4013) does not allow the password.
    /// </summary>
    public static ScramVerifier Create(string password, int iterations = DefaultIterations) =>
        Create(password, RandomNumberGenerator.GetBytes(SaltLength), iterations);

    /// <summary>The same with a given salt.</summary>
    public static ScramVerifier Create(string password, ReadOnlySpan<byte> salt, int iterations)
    {
        ArgumentNullException.ThrowIfNull(password);
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(iterations, MostIterations);
        if (!SaslPrep.TryPrepare(password, out string? prepared))
            throw new ArgumentException("The password is empty or holds characters that SASLprep (RFC 4013) does not allow.", nameof(password));
        Span<byte> salted = stackalloc byte[ScramKeys.Length];
        ScramKeys.Salt(prepared, salt, iterations, salted);
        byte[] storedKey = new byte[ScramKeys.Length], serverKey = new byte[ScramKeys.Length];
        ScramKeys.DeriveStoredKey(salted, storedKey);
        ScramKeys.DeriveServerKey(salted, serverKey);
        CryptographicOperations.ZeroMemory(salted);
        return new ScramVerifier(salt.ToArray(), iterations, storedKey, serverKey);
    }

    /// <summary>
    /// What stands for a user who does not exist: it looks like any other and the same each time, and no password meets it.
    /// </summary>
    /// <param name="key">A secret of the server.</param>
    /// <param name="userName">Who was asked for.</param>
    /// <param name="iterations">What the verifiers of real users have.</param>
    public static ScramVerifier ForUnknown(ReadOnlySpan<byte> key, string userName, int iterations = DefaultIterations)
    {
        ArgumentNullException.ThrowIfNull(userName);
        // In one case only, as real users are found whatever the case; a salt that follows the case would tell.
        string name = userName.ToUpperInvariant();
        byte[] salt = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes("salt:" + name))[..SaltLength];
        byte[] storedKey = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes("stored:" + name));
        byte[] serverKey = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes("server:" + name));
        return new ScramVerifier(salt, iterations, storedKey, serverKey);
    }

    /// <summary>
    /// True where this is the password. Takes some milliseconds of CPU for each 10,000 iterations, so not for a thread that serves
    /// connections.
    /// </summary>
    public bool Matches(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        // The work is done for a password that is not allowed too.
        bool isAllowed = SaslPrep.TryPrepare(password, out string? prepared);
        Span<byte> salted = stackalloc byte[ScramKeys.Length];
        ScramKeys.Salt(isAllowed ? prepared! : password, _salt, Iterations, salted);
        Span<byte> storedKey = stackalloc byte[ScramKeys.Length];
        ScramKeys.DeriveStoredKey(salted, storedKey);
        CryptographicOperations.ZeroMemory(salted);
        return CryptographicOperations.FixedTimeEquals(storedKey, _storedKey) & isAllowed;
    }

    /// <summary>
    /// Reads <c>{SCRAM-SHA-256}iterations,salt,StoredKey,ServerKey</c>, the last three in base64; false where it is not that.
    /// </summary>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ScramVerifier? verifier)
    {
        verifier = null;
        if (text is null || !text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return false;
        string[] parts = text[Prefix.Length..].Split(',');
        if (parts.Length != 4
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int iterations) || iterations is < 1 or > MostIterations
            || !StrictBase64.TryDecode(Encoding.UTF8.GetBytes(parts[1]), out byte[]? salt) || salt.Length is 0 or > LongestSalt
            || !StrictBase64.TryDecode(Encoding.UTF8.GetBytes(parts[2]), out byte[]? storedKey) || storedKey.Length != ScramKeys.Length
            || !StrictBase64.TryDecode(Encoding.UTF8.GetBytes(parts[3]), out byte[]? serverKey) || serverKey.Length != ScramKeys.Length)
            return false;
        verifier = new ScramVerifier(salt, iterations, storedKey, serverKey);
        return true;
    }

    /// <summary>The form that <see cref="TryParse"/> reads. It is as secret as a password hash.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Iterations},{Convert.ToBase64String(_salt)},{Convert.ToBase64String(_storedKey)},{Convert.ToBase64String(_serverKey)}");
}
