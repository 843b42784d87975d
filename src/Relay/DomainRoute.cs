namespace SlimtaFast.Relay;

/// <summary>A relay for some domains. Immutable.</summary>
/// <param name="Domains">
/// Domain names, or <c>.example.org</c> for all names below example.org (not for itself). The case does not matter.
/// </param>
/// <param name="Relay">Who delivers their mail.</param>
/// <param name="MaxAttempts">Attempts at once at most for each of the relay's next hops; 0 for the relay's own bound, or the queue's.</param>
public sealed record DomainRoute(IReadOnlyList<string> Domains, IRelay Relay, int MaxAttempts = 0);
