namespace SlimtaFast.Storage.Cloud;

/// <summary>A message that was received. Immutable.</summary>
/// <param name="Body">What was sent.</param>
/// <param name="Receipt">By what it is hidden longer, or deleted.</param>
/// <param name="Receives">How often it was received, this time included; 0 where the queue does not tell.</param>
public readonly record struct ReceivedMessage(string Body, string Receipt, int Receives);
