namespace SlimtaFast.Protocol;

/// <summary>The end of an AUTH exchange. Immutable.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Mechanism">The mechanism.</param>
/// <param name="UserName">Who the client said it was, or who it proved to be; empty where it did not come to that.</param>
/// <param name="Failures">Attempts of this session that counted against the client, this one included.</param>
public sealed record AuthenticationResult(AuthenticationOutcome Outcome, string Mechanism, string UserName, int Failures)
{
    /// <summary>Who the client said it was, also where it proved to be somebody of another name.</summary>
    public string ClaimedName { get; init; } = UserName;
}
