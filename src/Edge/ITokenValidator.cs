namespace SlimtaFast.Edge;

/// <summary>
/// Judges bearer tokens of OAUTHBEARER and XOAUTH2. It is asked on threads that serve connections: it may await, but never block. A failure
/// to judge is an exception, which the client sees as 454 and the log in full. Implementations are thread-safe.
/// </summary>
public interface ITokenValidator
{
    /// <summary>Whose token it is, or why it is no good.</summary>
    /// <param name="token">The token as it was sent: base64 characters, dots, hyphens, underscores and tildes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<TokenVerdict> ValidateAsync(string token, CancellationToken cancellationToken);
}
