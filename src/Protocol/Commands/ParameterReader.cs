using System.Buffers;

namespace SlimtaFast.Protocol.Commands;

/// <summary>
/// Walks through the ESMTP parameters behind a path (RFC 5321 section 4.1.2):
/// <code>
/// Mail-parameters = esmtp-param *( SP esmtp-param )
/// esmtp-param     = esmtp-keyword [ "=" esmtp-value ]
/// esmtp-keyword   = ( ALPHA / DIGIT ) *( ALPHA / DIGIT / "-" )
/// </code>
/// A value may hold further equals signs, because clients put them unencoded into ORCPT. It never throws.
/// </summary>
internal ref struct ParameterReader
{
    private static readonly SearchValues<byte> KeywordText =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"u8);

    private ReadOnlySpan<byte> _rest;

    /// <summary>Starts in front of the first parameter.</summary>
    public ParameterReader(ReadOnlySpan<byte> parameters) => _rest = parameters.Trim((byte)' ');

    /// <summary>The parameter's name as written.</summary>
    public ReadOnlySpan<byte> Keyword { get; private set; }

    /// <summary>What stands behind the equals sign.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>True where there is an equals sign.</summary>
    public bool HasValue { get; private set; }

    /// <summary>False where the parameter breaks the grammar: an odd keyword, or nothing behind the equals sign.</summary>
    public readonly bool IsWellFormed =>
        !Keyword.IsEmpty && Keyword[0] != (byte)'-' && !Keyword.ContainsAnyExcept(KeywordText) && (!HasValue || !Value.IsEmpty);

    /// <summary>Goes to the next parameter; false where there is none.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        int space = _rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> parameter = space < 0 ? _rest : _rest[..space];
        _rest = space < 0 ? default : _rest[space..].TrimStart((byte)' ');
        int equals = parameter.IndexOf((byte)'=');
        HasValue = equals >= 0;
        Keyword = HasValue ? parameter[..equals] : parameter;
        Value = HasValue ? parameter[(equals + 1)..] : default;
        return true;
    }

    /// <summary>True where the parameter's name is <paramref name="keyword"/> in any case of letters.</summary>
    public readonly bool Is(ReadOnlySpan<byte> keyword) => System.Text.Ascii.EqualsIgnoreCase(Keyword, keyword);

    /// <summary>True where the parameter's value is <paramref name="value"/> in any case of letters.</summary>
    public readonly bool ValueIs(ReadOnlySpan<byte> value) => System.Text.Ascii.EqualsIgnoreCase(Value, value);
}
