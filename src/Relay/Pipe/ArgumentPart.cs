namespace SlimtaFast.Relay.Pipe;

/// <summary>A piece of an argument. Immutable.</summary>
/// <param name="Literal">The text of a literal piece; else empty.</param>
/// <param name="Macro">What stands for a value; else none.</param>
internal readonly record struct ArgumentPart(string Literal, PipeMacro Macro);
