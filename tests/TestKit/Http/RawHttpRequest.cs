using System.Text;

namespace SlimtaFast.TestKit.Http;

/// <summary>The head of a request as it came over the wire.</summary>
public sealed class RawHttpRequest
{
    /// <summary>Splits a head.</summary>
    public RawHttpRequest(string head)
    {
        ArgumentNullException.ThrowIfNull(head);
        Head = head;
    }

    /// <summary>All lines, without the empty one at their end.</summary>
    public string Head { get; }

    /// <summary>Method, target and version.</summary>
    public string RequestLine => Head.Split("\r\n")[0];

    /// <summary>Octets of the body as announced.</summary>
    public long ContentLength => long.Parse(this["Content-Length"] ?? "0", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A field's value, or null.</summary>
    public string? this[string name] => Head.Split("\r\n").Skip(1).Where(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(l => l[(name.Length + 1)..].Trim()).FirstOrDefault();

    /// <summary>The addresses of a field in base64, joined by commas or not.</summary>
    public IReadOnlyList<string> Decode(string name) =>
        [.. (this[name] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(v => Encoding.UTF8.GetString(Convert.FromBase64String(v)))];
}
