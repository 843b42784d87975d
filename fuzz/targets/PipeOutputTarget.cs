using SlimtaFast.Mail;
using SlimtaFast.Relay;
using SlimtaFast.Relay.Pipe;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>What a program wrote, behind an octet that is its exit code: the reply is clean and agrees with itself, and only 0 is a delivery.</summary>
public sealed class PipeOutputTarget : IFuzzTarget
{
    private static readonly RunJudge Judge = new("program", new PipeProcessOptions(), isFinal: true);

    /// <inheritdoc/>
    public string Name => "pipe-output";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;
        int code = input[0];
        ReadOnlySpan<byte> text = input[1..];
        int half = text.IndexOf((byte)'\n');
        ReadOnlySpan<byte> output = half < 0 ? text : text[..half], error = half < 0 ? default : text[(half + 1)..];
        RecipientOutcome outcome = Judge.Judge(RunEnd.Itself, ChildExit.WithCode(code), output, error).Outcome;
        FuzzAssert.That(outcome.Kind == OutcomeKind.Delivered == (code == 0), "A program that failed has delivered, or one that delivered has failed.");
        foreach (char c in outcome.Reply.Text)
            FuzzAssert.That(!char.IsControl(c), "A reply holds a control character.");
        FuzzAssert.That(outcome.Reply.Status.Class == outcome.Reply.Code / 100, "Code and status of a reply differ.");
        FuzzAssert.That(outcome.Reply.IsPermanent == (outcome.Kind == OutcomeKind.Permanent), "Reply and outcome differ.");
        FuzzAssert.That(
            Judge.Judge(RunEnd.TimedOut, ChildExit.WithCode(code), output, error).Outcome.Kind == OutcomeKind.Transient, "A program that was ended had a verdict.");
    }
}
