using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Pipe;

/// <summary>
/// What a program had to say: its standard output, or where that is blank its standard error; and the enhanced status code in front of it:
/// <code>
/// output = *blank [ ("4" / "5") "." 1*3digit "." 1*3digit ( 1*blank / end ) ] text
/// </code>
/// </summary>
internal readonly ref struct ProgramOutput
{
    private ProgramOutput(EnhancedStatus status, string text)
    {
        Status = status;
        Text = text;
    }

    /// <summary>The status code in front, of class 4 or 5; or none.</summary>
    public EnhancedStatus Status { get; }

    /// <summary>The text behind it, as it came except for blanks around it.</summary>
    public string Text { get; }

    /// <summary>Reads the kept beginnings of both streams; any octets will do.</summary>
    public static ProgramOutput Read(ReadOnlySpan<byte> output, ReadOnlySpan<byte> error)
    {
        ProgramOutput said = Read(output);
        if (!said.Status.IsNone)
            return said;
        // Output may be mere chatter where the verdict is among the errors.
        ProgramOutput complained = Read(error);
        return said.Text.Length == 0 || !complained.Status.IsNone ? complained : said;
    }

    private static ProgramOutput Read(ReadOnlySpan<byte> octets)
    {
        string text = Encoding.UTF8.GetString(octets).Trim();
        if (!EnhancedStatus.TryParse(text, out EnhancedStatus status, out int length) || status.Class == 2)
            return new ProgramOutput(default, text);
        if (length < text.Length && !char.IsWhiteSpace(text[length]))
            return new ProgramOutput(default, text);
        return new ProgramOutput(status, text[length..].Trim());
    }
}
