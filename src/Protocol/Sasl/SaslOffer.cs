using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using SlimtaFast.Protocol.Replies;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Sasl;

/// <summary>
/// Which mechanisms a connection may use, and how an exchange is started. One object for each options object. Immutable and thread-safe.
/// </summary>
internal sealed class SaslOffer
{
    /// <summary>The one kind of channel binding that we offer: the hash of the server's certificate (RFC 5929 section 4).</summary>
    public const string BindingName = "tls-server-end-point";

    private const int NonceLength = 18;

    private static readonly ConditionalWeakTable<SmtpAuthOptions, SaslOffer> Made = [];

    private readonly SmtpAuthOptions _options;
    private readonly string[] _names;

    private SaslOffer(SmtpAuthOptions options)
    {
        _options = options;
        _names = [.. options.Mechanisms.Select(name => Find(SaslMechanisms.All, name) ?? throw new ArgumentException($"There is no mechanism {name}.", nameof(options))).Distinct()];
    }

    /// <summary>The offer of these options; throws <see cref="ArgumentException"/> where they name a mechanism that does not exist.</summary>
    public static SaslOffer For(SmtpAuthOptions options) => Made.GetValue(options, static key => new SaslOffer(key));

    /// <summary>How well a connection is guarded.</summary>
    public static ChannelProtection GetProtection(Connection connection)
    {
        if (connection.Tls is null)
            return ChannelProtection.Clear;
        return connection.ChannelBinding(BindingName).IsEmpty ? ChannelProtection.Encrypted : ChannelProtection.Bound;
    }

    /// <summary>The mechanisms that may be used, in their order.</summary>
    public IEnumerable<string> GetUsable(ChannelProtection protection) => _names.Where(name => WhyNot(name, protection) == Canned.None);

    /// <summary>Starts an exchange; null with the reply that says why not.</summary>
    public SaslServer? Start(ReadOnlySpan<byte> name, Connection connection, string hostName, out Canned refusal)
    {
        string? found = Find(_names, Encoding.ASCII.GetString(name));
        ChannelProtection protection = GetProtection(connection);
        refusal = found is null ? Canned.UnknownMechanism : WhyNot(found, protection);
        if (refusal != Canned.None)
            return null;
        bool plusOffered = protection == ChannelProtection.Bound && _names.Contains(SaslMechanisms.ScramSha256Plus);
        return found switch
        {
            SaslMechanisms.Plain => new PlainServer(),
            SaslMechanisms.Login => new LoginServer(),
            SaslMechanisms.CramMd5 => new CramMd5Server($"<{Convert.ToHexString(RandomNumberGenerator.GetBytes(NonceLength))}@{hostName}>"),
            SaslMechanisms.ScramSha256 or SaslMechanisms.ScramSha256Plus => new ScramServer(
                found == SaslMechanisms.ScramSha256Plus,
                plusOffered,
                connection.ChannelBinding,
                Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceLength)),
                _options.UnknownUserKey),
            _ => new BearerServer(found!, _options.OAuthScope),
        };
    }

    // SCRAM shows no secret; all others do, or something from which a weak one is guessed.
    private Canned WhyNot(string name, ChannelProtection protection) => name switch
    {
        SaslMechanisms.ScramSha256 => Canned.None,
        SaslMechanisms.ScramSha256Plus => protection == ChannelProtection.Bound ? Canned.None : Canned.UnknownMechanism,
        _ => protection == ChannelProtection.Clear && !_options.AllowPlaintext ? Canned.EncryptionRequired : Canned.None,
    };

    private static string? Find(IEnumerable<string> names, string name) => names.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
}
