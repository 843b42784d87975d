using System.Globalization;
using System.Net;
using SlimtaFast.Edge.Reputation;

namespace SlimtaFast.Edge;

/// <summary>One list in the DNS (RFC 5782): where it is, which of its answers count, and how much they weigh. Immutable.</summary>
public sealed class DnsList
{
    private readonly AnswerRange[] _ranges;

    private DnsList(string zone, AnswerRange[] ranges, int weight)
    {
        Zone = zone;
        _ranges = ranges;
        Weight = weight;
    }

    /// <summary>The zone, such as <c>zen.spamhaus.org</c>.</summary>
    public string Zone { get; }

    /// <summary>What a listing adds to the client's score; negative for a list of the good.</summary>
    public int Weight { get; }

    /// <summary>
    /// Reads <c>ZONE[=ANSWER[;ANSWER...]][*WEIGHT]</c>, or fails with <see cref="FormatException"/>. An answer is <c>127.0.0.2</c> or a range
    /// such as <c>127.0.0.2..11</c>; without one every answer in 127.0.0.0/8 counts, but for 127.255.255.0/24, by which lists tell that they
    /// do not answer. The weight is 1 where it is not given, and may be negative.
    /// </summary>
    public static DnsList Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string rest = text.Trim();
        int weight = 1;
        int star = rest.LastIndexOf('*');
        if (star >= 0)
        {
            if (!int.TryParse(rest.AsSpan(star + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out weight) || weight is 0 or < -1000 or > 1000)
                throw new FormatException($"'{text}': a weight is a whole number from -1000 to 1000, not 0");
            rest = rest[..star];
        }

        AnswerRange[] ranges = [];
        int equals = rest.IndexOf('=', StringComparison.Ordinal);
        if (equals >= 0)
        {
            ranges = [.. rest[(equals + 1)..].Split(';').Select(answer => AnswerRange.TryParse(answer.Trim(), out AnswerRange range)
                ? range
                : throw new FormatException($"'{text}': an answer is an address such as 127.0.0.2, or a range such as 127.0.0.2..11"))];
            rest = rest[..equals];
        }

        string zone = rest.Trim().TrimEnd('.');
        if (Uri.CheckHostName(zone) != UriHostNameType.Dns || !zone.Contains('.', StringComparison.Ordinal))
            throw new FormatException($"'{text}': a list begins with its zone, such as zen.spamhaus.org");
        return new DnsList(zone, ranges, weight);
    }

    /// <summary>True where these addresses, as the zone answered, mean that the client is listed.</summary>
    public bool IsListing(IEnumerable<IPAddress> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        foreach (IPAddress answer in answers)
        {
            bool counts = _ranges.Length > 0
                ? _ranges.Any(range => range.Contains(answer))
                : AnswerRange.Usual.Contains(answer) && !AnswerRange.Errors.Contains(answer);
            if (counts)
                return true;
        }

        return false;
    }

    /// <summary>The name to look up for a client.</summary>
    public string GetName(IPAddress client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return $"{ReverseNotation.Of(client)}.{Zone}";
    }
}
