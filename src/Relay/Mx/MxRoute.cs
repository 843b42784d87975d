using SlimtaFast.Mail;
using SlimtaFast.Relay.Smtp;

namespace SlimtaFast.Relay.Mx;

/// <summary>Where a domain's mail goes. Immutable.</summary>
/// <param name="Hosts">The hosts in the order in which they are tried; empty where there is none.</param>
/// <param name="Outcome">How an attempt ends where there is none.</param>
/// <param name="Hop">What that means for the domain.</param>
internal readonly record struct MxRoute(IReadOnlyList<Target> Hosts, RecipientOutcome Outcome = default, HopCondition Hop = HopCondition.Up);
