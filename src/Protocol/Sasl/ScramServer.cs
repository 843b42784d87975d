using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SlimtaFast.Protocol.Sasl;

/// <summary>
/// SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677):
/// <code>
/// C: gs2-header "n=" name ",r=" nonce              S: "r=" nonce more ",s=" salt ",i=" iterations
/// C: "c=" binding ",r=" nonce more ",p=" proof     S: "v=" signature      C: (empty)
/// </code>
/// The last round is SMTP's, whose 235 carries no data (RFC 4954 section 4).
/// </summary>
internal sealed class ScramServer : SaslServer
{
    private readonly bool _isPlus;
    private readonly bool _plusOffered;
    private readonly Func<string, ReadOnlyMemory<byte>> _getBinding;
    private readonly string _ownNonce;
    private readonly ReadOnlyMemory<byte> _unknownUserKey;
    private State _state;
    private byte[] _header = [];
    private byte[] _clientFirst = [];
    private byte[] _serverFirst = [];
    private string _nonce = "";
    private ReadOnlyMemory<byte> _binding;
    private ScramVerifier? _verifier;
    private bool _isUnknown;
    private string? _identity;

    private enum State : byte
    {
        First,
        Lookup,
        Final,
        Confirm,
        Done,
    }

    /// <summary>Starts an exchange.</summary>
    /// <param name="isPlus">True for the mechanism with channel binding.</param>
    /// <param name="plusOffered">True where the mechanism with channel binding was offered too.</param>
    /// <param name="getBinding">The channel's data for a kind of binding; empty where there is none.</param>
    /// <param name="ownNonce">Our part of the nonce: printable, without a comma, never used before.</param>
    /// <param name="unknownUserKey">From what the salts of unknown users are made.</param>
    public ScramServer(bool isPlus, bool plusOffered, Func<string, ReadOnlyMemory<byte>> getBinding, string ownNonce, ReadOnlyMemory<byte> unknownUserKey)
        : base(isPlus ? SaslMechanisms.ScramSha256Plus : SaslMechanisms.ScramSha256)
    {
        _isPlus = isPlus;
        _plusOffered = plusOffered;
        _getBinding = getBinding;
        _ownNonce = ownNonce;
        _unknownUserKey = unknownUserKey;
    }

    /// <inheritdoc/>
    public override SaslStatus Take(ReadOnlySpan<byte> response)
    {
        switch (_state)
        {
            case State.First:
                return TakeFirst(response);
            case State.Final:
                return TakeFinal(response);
            case State.Confirm:
                _state = State.Done;
                return response.IsEmpty ? SaslStatus.Succeeded : SaslStatus.Malformed;
            default:
                return SaslStatus.Malformed;
        }
    }

    /// <inheritdoc/>
    public override SaslStatus Resume(AuthenticationAnswer answer)
    {
        if (answer.IsUnavailable)
            return SaslStatus.Unavailable;
        _isUnknown = answer.ScramVerifier is null;
        _verifier = answer.ScramVerifier ?? ScramVerifier.ForUnknown(_unknownUserKey.Span, UserName);
        _identity = answer.Identity ?? UserName;
        _state = State.Final;
        _serverFirst = Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"r={_nonce},s={Convert.ToBase64String(_verifier.Salt.Span)},i={_verifier.Iterations}"));
        return Send(_serverFirst);
    }

    private SaslStatus TakeFirst(ReadOnlySpan<byte> message)
    {
        if (!Gs2Header.TryParse(message, out Gs2Header header) || (header.Flag == (byte)'p') != _isPlus)
            return SaslStatus.Malformed;
        // RFC 5802 section 6: it can bind and thinks that we cannot, although we said that we can.
        if (header.Flag == (byte)'y' && _plusOffered)
            return SaslStatus.Downgraded;
        if (_isPlus)
        {
            _binding = _getBinding(header.BindingName);
            if (_binding.IsEmpty)
                return SaslStatus.Malformed;
        }

        _header = message[..header.Length].ToArray();
        _clientFirst = message[header.Length..].ToArray();
        // An "m=" in front is an extension that must be understood, and is not.
        var attributes = new ScramMessage(_clientFirst);
        if (!attributes.TryTake((byte)'n', out ReadOnlySpan<byte> quoted) || !ScramMessage.TryReadName(quoted, out string name)
            || !attributes.TryTake((byte)'r', out ReadOnlySpan<byte> nonce) || !ScramMessage.IsNonce(nonce))
            return SaslStatus.Malformed;
        if (!TakeExtensions(ref attributes))
            return SaslStatus.Malformed;
        UserName = name;
        if (!SaslPrep.TryPrepare(name, out string? prepared))
            return SaslStatus.Rejected;
        if (header.ActFor.Length > 0 && !(SaslPrep.TryPrepare(header.ActFor, out string? actFor) && actFor == prepared))
            return SaslStatus.Rejected;
        _nonce = Encoding.ASCII.GetString(nonce) + _ownNonce;
        _state = State.Lookup;
        return Ask(AuthenticationRequestKind.Verifier, prepared);
    }

    private SaslStatus TakeFinal(ReadOnlySpan<byte> message)
    {
        var attributes = new ScramMessage(message);
        int proofAt = message.LastIndexOf(",p="u8);
        if (proofAt < 0 || !attributes.TryTake((byte)'c', out ReadOnlySpan<byte> binding) || !attributes.TryTake((byte)'r', out ReadOnlySpan<byte> nonce))
            return SaslStatus.Malformed;
        attributes = new ScramMessage(message[(proofAt + 1)..]);
        Span<byte> proof = stackalloc byte[ScramKeys.Length];
        if (!attributes.TryTake((byte)'p', out ReadOnlySpan<byte> proofText) || !attributes.IsAtEnd
            || !StrictBase64.TryDecode(proofText, out byte[]? given) || given.Length != proof.Length
            || !StrictBase64.TryDecode(binding, out byte[]? bound))
            return SaslStatus.Malformed;
        given.CopyTo(proof);
        byte[] expectedBinding = [.. _header, .. _binding.Span];
        bool isBound = CryptographicOperations.FixedTimeEquals(bound, expectedBinding);
        bool isFresh = CryptographicOperations.FixedTimeEquals(nonce, Encoding.ASCII.GetBytes(_nonce));
        byte[] authMessage = [.. _clientFirst, (byte)',', .. _serverFirst, (byte)',', .. message[..proofAt]];
        bool isProved = IsProved(proof, authMessage);
        if (!(isProved & isBound & isFresh & !_isUnknown))
            return SaslStatus.Rejected;
        Identity = _identity!;
        Span<byte> signature = stackalloc byte[ScramKeys.Length];
        ScramKeys.Sign(_verifier!.ServerKey, authMessage, signature);
        _state = State.Confirm;
        return Send(Encoding.ASCII.GetBytes("v=" + Convert.ToBase64String(signature)));
    }

    private bool IsProved(Span<byte> proof, ReadOnlySpan<byte> authMessage)
    {
        Span<byte> signature = stackalloc byte[ScramKeys.Length], storedKey = stackalloc byte[ScramKeys.Length];
        ScramKeys.Sign(_verifier!.StoredKey, authMessage, signature);
        ScramKeys.Xor(proof, signature);
        SHA256.HashData(proof, storedKey);
        CryptographicOperations.ZeroMemory(proof);
        return CryptographicOperations.FixedTimeEquals(storedKey, _verifier.StoredKey);
    }

    private static bool TakeExtensions(ref ScramMessage attributes)
    {
        while (!attributes.IsAtEnd)
        {
            if (!attributes.TryTakeAny(out _, out _))
                return false;
        }

        return true;
    }
}
