namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>The other side of a dialogue did not do what it has to.</summary>
public sealed class DialogueException(string message) : Exception(message);
