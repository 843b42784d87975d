using SlimtaFast.Queue.Spam;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>Reads spamd's reply: its end decides, no part of it gives another verdict, and nothing but names of rules comes out.</summary>
public sealed class SpamdReplyTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public string Name => "spamd-reply";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        SpamdReplyStatus whole = SpamdReplyParser.Parse(input, isEnd: false, out SpamdVerdict? verdict);
        for (int length = 0; length < input.Length; length += 1 + (input.Length / 64))
        {
            SpamdReplyStatus part = SpamdReplyParser.Parse(input[..length], isEnd: false, out SpamdVerdict? early);
            FuzzAssert.That(part == SpamdReplyStatus.NeedMore || (part == whole && early == verdict), "A part of a reply means something else.");
        }

        SpamdReplyStatus ended = SpamdReplyParser.Parse(input, isEnd: true, out SpamdVerdict? last);
        FuzzAssert.That(ended != SpamdReplyStatus.NeedMore, "A reply that has ended needs more.");
        FuzzAssert.That(whole != SpamdReplyStatus.Done || last == verdict, "The end changes a verdict.");
        FuzzAssert.That((ended == SpamdReplyStatus.Done) == (last is not null), "There is a verdict without success.");
        FuzzAssert.That(last is null || (double.IsFinite(last.Score) && last.Symbols.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or ',')), "A verdict holds more than it may.");
    }
}
