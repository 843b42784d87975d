using System.Net;

namespace SlimtaFast.Edge.Http;

/// <summary>One place where an HTTP edge listens. Immutable.</summary>
/// <param name="EndPoint">An address; port 0 takes a free port.</param>
public sealed record HttpEdgeListener(IPEndPoint EndPoint)
{
    /// <summary>
    /// The one path that takes mail, compared as it stands, or with a final <c>*</c> every path that begins so; others get 404. Default
    /// <c>/*</c>: every path.
    /// </summary>
    public string Path { get; init; } = "/*";

    /// <summary>True for HTTPS; the SMTP edge's session must have TLS then, whose certificates serve here too. Default false.</summary>
    public bool IsSecure { get; init; }

    /// <summary>True where a request's path takes mail.</summary>
    internal bool Accepts(string path) =>
        Path.EndsWith('*') ? path.AsSpan().StartsWith(Path.AsSpan(0, Path.Length - 1), StringComparison.Ordinal) : path.Equals(Path, StringComparison.Ordinal);
}
