using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace SlimtaFast.Queue.Policies;

/// <summary>
/// Replaces what a regular expression finds in the values of received fields. The value is unfolded before and folded anew where it
/// changed; a field in which nothing is found keeps every octet.
/// </summary>
internal sealed class RewriteHeaders : IQueuePolicy, IHeaderEdit
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly FieldNames _names;
    private readonly Regex _pattern;
    private readonly string _replacement;

    /// <summary>Makes the policy; throws <see cref="FormatException"/> for a name or expression that is none.</summary>
    public RewriteHeaders(IEnumerable<string> names, string pattern, string replacement, bool ignoreCase)
    {
        _names = new FieldNames(names);
        _pattern = Patterns.Make(pattern, ignoreCase);
        _replacement = replacement;
    }

    /// <inheritdoc/>
    public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken) => message.EditHeadersAsync(this, cancellationToken);

    /// <inheritdoc/>
    public bool TryEdit(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, IBufferWriter<byte> replacement)
    {
        if (!_names.Match(name))
            return false;
        // Octets that are no UTF-8 come through as they are.
        Encoding encoding = System.Text.Unicode.Utf8.IsValid(value) ? StrictUtf8 : Encoding.Latin1;
        string before = Unfold(encoding.GetString(value));
        string after = Replace(before);
        if (after == before)
            return false;
        if (encoding == Encoding.Latin1 && after.Any(static c => c > 'ÿ'))
            throw new InvalidOperationException("A field that is not UTF-8 cannot be given characters beyond Latin-1.");
        FoldedField.Write(replacement, name, encoding.GetBytes(after));
        return true;
    }

    // Each match is bounded by itself; a long value with very many of them must not take all the time of a thread either.
    private string Replace(string value)
    {
        long started = Stopwatch.GetTimestamp();
        return _pattern.Replace(value, match => Stopwatch.GetElapsedTime(started) < Patterns.MatchLimit
            ? match.Result(_replacement)
            : throw new RegexMatchTimeoutException(value, _pattern.ToString(), Patterns.MatchLimit));
    }

    // RFC 5322 section 2.2.3: the line ends go, the blanks behind them stay.
    private static string Unfold(string value) => value.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Trim(' ', '\t');
}
