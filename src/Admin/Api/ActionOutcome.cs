using SlimtaFast.Queue;

namespace SlimtaFast.Admin.Api;

/// <summary>What became of an order for one message.</summary>
internal sealed record ActionOutcome(string Id, OrderOutcome Outcome);
