using System.Buffers;
using System.Text;
using System.Text.Json;

namespace SlimtaFast.Protocol.Sasl;

/// <summary>
/// OAUTHBEARER (RFC 7628) and XOAUTH2, which carry a bearer token:
/// <code>
/// OAUTHBEARER = gs2-header ^A *( key "=" value ^A ) ^A           ; "auth" has the token, "host" and "port" are not looked at
/// XOAUTH2     = "user=" name ^A "auth=Bearer " token ^A ^A
/// </code>
/// A token that is refused is answered with a challenge that says so in JSON, which the client answers with anything.
/// </summary>
internal sealed class BearerServer : SaslServer
{
    private const byte Separator = 1;

    private static readonly SearchValues<byte> TokenOctets = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="u8);

    private readonly string? _scope;
    private readonly bool _isStandard;

    /// <summary>Starts an exchange of one or the other.</summary>
    public BearerServer(string name, string? scope)
        : base(name)
    {
        _scope = scope;
        _isStandard = name == SaslMechanisms.OAuthBearer;
    }

    /// <inheritdoc/>
    public override SaslStatus Take(ReadOnlySpan<byte> response)
    {
        if (IsRefused)
            return SaslStatus.Rejected;
        string name = "";
        ReadOnlySpan<byte> pairs;
        if (_isStandard)
        {
            if (!Gs2Header.TryParse(response, out Gs2Header header) || header.Flag == (byte)'p')
                return SaslStatus.Malformed;
            name = header.ActFor;
            pairs = response[header.Length..];
            if (pairs.IsEmpty || pairs[0] != Separator)
                return SaslStatus.Malformed;
            pairs = pairs[1..];
        }
        else
        {
            int end = response.IndexOf(Separator);
            if (end < 0 || !response.StartsWith("user="u8) || !TryReadText(response[5..end], out name))
                return SaslStatus.Malformed;
            pairs = response[(end + 1)..];
        }

        if (!TryFindToken(pairs, out string token))
            return SaslStatus.Malformed;
        UserName = name;
        string? prepared = "";
        if (name.Length > 0 && !SaslPrep.TryPrepare(name, out prepared))
            return SaslStatus.Rejected;
        return Ask(AuthenticationRequestKind.Token, prepared, token);
    }

    /// <inheritdoc/>
    public override SaslStatus Resume(AuthenticationAnswer answer)
    {
        SaslStatus status = Conclude(answer);
        if (status != SaslStatus.Rejected)
            return status;
        IsRefused = true;
        return Send(DescribeRefusal());
    }

    // *( key "=" value ^A ) ^A, and one of the keys is auth.
    private static bool TryFindToken(ReadOnlySpan<byte> pairs, out string token)
    {
        token = "";
        while (true)
        {
            int end = pairs.IndexOf(Separator);
            if (end < 0)
                return false;
            ReadOnlySpan<byte> pair = pairs[..end];
            pairs = pairs[(end + 1)..];
            if (pair.IsEmpty)
                return pairs.IsEmpty && token.Length > 0;
            int equals = pair.IndexOf((byte)'=');
            if (equals <= 0)
                return false;
            if (pair[..equals].SequenceEqual("auth"u8) && (token.Length > 0 || !TryReadToken(pair[(equals + 1)..], out token)))
                return false;
        }
    }

    private static bool TryReadToken(ReadOnlySpan<byte> value, out string token)
    {
        token = "";
        int space = value.IndexOf((byte)' ');
        if (space < 0 || !Ascii.EqualsIgnoreCase(value[..space], "Bearer"u8))
            return false;
        ReadOnlySpan<byte> text = value[space..].Trim((byte)' ');
        if (text.IsEmpty || text.IndexOfAnyExcept(TokenOctets) >= 0)
            return false;
        token = Encoding.ASCII.GetString(text);
        return true;
    }

    // RFC 7628 section 3.2.2. XOAUTH2 names the HTTP status.
    private byte[] DescribeRefusal()
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            writer.WriteString("status"u8, _isStandard ? "invalid_token"u8 : "401"u8);
            writer.WriteString("schemes"u8, "bearer"u8);
            if (_scope is not null)
                writer.WriteString("scope"u8, _scope);
            writer.WriteEndObject();
        }

        return text.WrittenSpan.ToArray();
    }
}
