using SlimtaFast.MailAuth;

namespace SlimtaFast.Edge.Diagnostics;

/// <summary>A trace as a log line shows it: made into text only where somebody writes it.</summary>
internal readonly record struct EvaluationText(EvaluationTrace Trace)
{
    /// <inheritdoc/>
    public override string ToString() => Trace.ToString();
}
