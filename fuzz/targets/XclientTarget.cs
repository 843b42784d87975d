using SlimtaFast.Protocol.Commands;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// Reads the arguments of XCLIENT and XFORWARD: nothing that could break out of a log line or a header field comes out, an attribute has a
/// value only where it was given, and none that the command does not know is taken.
/// </summary>
public sealed class XclientTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public string Name => "xclient";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        Check(ClientAttributesParser.Parse(input, ClientAttribute.Xclient), ClientAttribute.Xclient);
        Check(ClientAttributesParser.Parse(input, ClientAttribute.Xforward), ClientAttribute.Xforward);
    }

    private static void Check(ClientAttributes? read, ClientAttribute known)
    {
        if (read is null)
            return;
        FuzzAssert.That(read.Given != ClientAttribute.None && (read.Given & ~known) == 0, "Other attributes were taken than the command knows.");
        CheckText(read, ClientAttribute.Name, read.Name);
        CheckText(read, ClientAttribute.Helo, read.HelloName);
        CheckText(read, ClientAttribute.Login, read.Login);
        CheckText(read, ClientAttribute.Ident, read.Ident);
        CheckText(read, ClientAttribute.Proto, read.Protocol);
        CheckText(read, ClientAttribute.Source, read.Source);
        FuzzAssert.That(read.Address is null || (read.Given & ClientAttribute.Addr) != 0, "An address was not given.");
        FuzzAssert.That(read.Port is null or (>= 0 and <= 65535), "A port is outside its range.");
        FuzzAssert.That(new ClientAttributes().With(read) == read && read.With(read) == read, "Attributes put over others are others.");
    }

    private static void CheckText(ClientAttributes read, ClientAttribute name, string? text)
    {
        FuzzAssert.That(text is null || (read.Given & name) != 0, "A text was not given.");
        foreach (char c in text ?? "")
            FuzzAssert.That(!char.IsControl(c) && c is not ('\u2028' or '\u2029'), "A text holds a control character.");
    }
}
