using SlimtaFast.Mail;

namespace SlimtaFast.Queue;

/// <summary>What became of an order for one item. Immutable.</summary>
/// <param name="Id">The item.</param>
/// <param name="Outcome">What became of it.</param>
public readonly record struct OrderedItem(QueueId Id, OrderOutcome Outcome);
