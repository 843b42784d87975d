namespace SlimtaFast.Queue;

/// <summary>What the queue's own policies must know of a message's header section. Immutable.</summary>
/// <param name="HasDate">There is a Date field.</param>
/// <param name="HasMessageId">There is a Message-ID field.</param>
/// <param name="ReceivedCount">Received fields: one for each server on the way.</param>
public readonly record struct HeaderFacts(bool HasDate, bool HasMessageId, int ReceivedCount);
