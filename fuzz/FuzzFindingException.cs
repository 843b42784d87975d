namespace SlimtaFast.Fuzz;

/// <summary>An input for which something does not hold that must hold for every input.</summary>
public sealed class FuzzFindingException(string message) : Exception(message);
