namespace SlimtaFast.Storage.Cloud;

/// <summary>A message to be sent. Immutable.</summary>
/// <param name="Body">A JSON object.</param>
/// <param name="Delay">How long nobody should receive it; at most the queue's longest.</param>
public readonly record struct OutgoingMessage(string Body, TimeSpan Delay);
