using SlimtaFast.Mail;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>Walks a header section; the fields lie in order inside the input, and its splitting into segments makes no difference.</summary>
public sealed class HeaderScannerTarget : IFuzzTarget
{
    private const int Limit = 4096;

    /// <inheritdoc/>
    public string Name => "header-scanner";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        var whole = new HeaderScanner(input, Limit);
        var split = new HeaderScanner(SplitInput.InPieces(input, 3), Limit);
        int end = 0;
        while (whole.MoveNext())
        {
            HeaderField field = whole.Current;
            FuzzAssert.That(split.MoveNext() && split.Current == field, "A split input has other fields.");
            FuzzAssert.That(field.Start == end, "A field does not follow the one before it.");
            FuzzAssert.That(field.NameLength > 0 && field.ValueStart > field.Start + field.NameLength, "A field has no name or no colon.");
            FuzzAssert.That(field.End >= field.ValueStart && field.End <= Math.Min(input.Length, Limit), "A field ends outside the input.");
            FuzzAssert.That(input[field.ValueStart - 1] == ':', "A value does not follow a colon.");
            FuzzAssert.That(whole.CurrentIs("Received"u8) == split.CurrentIs("Received"u8), "A split name is another.");
            end = field.End;
        }

        FuzzAssert.That(!split.MoveNext() && split.End == whole.End && split.BodyStart == whole.BodyStart, "A split input ends elsewhere.");
        FuzzAssert.That(whole.End != HeaderEnd.None && whole.SectionLength == end && whole.BodyStart - end is >= 0 and <= 2, "The section ends elsewhere than its fields.");
    }
}
