using System.Buffers;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>Takes a command line apart; what is taken for a command holds no control character and is part of the line.</summary>
public sealed class CommandLineTarget : IFuzzTarget
{
    private static readonly SearchValues<byte> Breaking = SearchValues.Create(" ()<>\"\\"u8);

    /// <inheritdoc/>
    public string Name => "command-line";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        Command command = CommandParser.Parse(input);
        if (command.Error != Canned.None || command.Verb == CommandVerb.Foreign)
            return;
        FuzzAssert.That(command.Verb != CommandVerb.Unknown, "An unknown command is no error.");
        FuzzAssert.That(!input.ContainsAnyInRange((byte)0, (byte)0x1F) && !input.Contains((byte)0x7F), "A command holds a control character.");
        FuzzAssert.That(command.IsAscii == !input.ContainsAnyInRange((byte)0x80, (byte)0xFF), "ASCII is not what it says.");
        FuzzAssert.That(input.EndsWith(command.Argument) || input.TrimEnd((byte)' ').EndsWith(command.Argument), "An argument is not the line's end.");
        if (HelloName.IsAcceptable(command.Argument))
            FuzzAssert.That(command.IsAscii && !command.Argument.ContainsAny(Breaking), "A name would break a Received field.");
        if (ChunkArgument.TryParse(command.Argument, out ChunkArgument chunk))
            FuzzAssert.That(chunk.Octets >= 0, "A chunk has a negative size.");
    }
}
