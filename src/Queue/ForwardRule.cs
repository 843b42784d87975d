using System.Text.RegularExpressions;
using SlimtaFast.Queue.Policies;

namespace SlimtaFast.Queue;

/// <summary>One rule of a <see cref="ForwardPolicy"/>: what a regular expression finds in an address is replaced. Immutable.</summary>
public sealed class ForwardRule
{
    private readonly Regex _pattern;
    private readonly string _replacement;
    private readonly int _count;

    /// <summary>Makes a rule.</summary>
    /// <param name="pattern">A regular expression, found anywhere in the address, without lookaround and back references.</param>
    /// <param name="replacement">What takes the place of what was found; <c>$1</c> is the first group.</param>
    /// <param name="count">How many findings are replaced; 0 for all.</param>
    /// <param name="ignoreCase">Whether the case of letters makes no difference.</param>
    /// <exception cref="FormatException">The pattern is no such expression.</exception>
    public ForwardRule(string pattern, string replacement, int count = 0, bool ignoreCase = true)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(replacement);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        _pattern = Patterns.Make(pattern, ignoreCase);
        _replacement = replacement;
        _count = count;
    }

    /// <summary>The address after the rule. Throws <see cref="RegexMatchTimeoutException"/> after 250 ms.</summary>
    public string Apply(string address) => _pattern.Replace(address, _replacement, _count == 0 ? -1 : _count);

    /// <inheritdoc/>
    public override string ToString() => $"{_pattern} -> {_replacement}";
}
