namespace SlimtaFast.MailAuth;

/// <summary>One line of a trace. Immutable.</summary>
/// <param name="Depth">0 for what stands at the root, one more inside each step that was entered.</param>
/// <param name="Text">What happened, in printable ASCII.</param>
public readonly record struct TraceStep(int Depth, string Text);
