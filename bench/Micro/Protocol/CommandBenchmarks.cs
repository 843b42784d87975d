using BenchmarkDotNet.Attributes;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;

namespace SlimtaFast.Micro.Protocol;

/// <summary>What taking a command line apart costs.</summary>
[MemoryDiagnoser]
public class CommandBenchmarks
{
    private static readonly byte[] Mail = [.. "MAIL FROM:<sender@bench.example> SIZE=10240 BODY=8BITMIME"u8];
    private static readonly byte[] Recipient = [.. "RCPT TO:<recipient@bench.example>"u8];
    private static readonly byte[] Quit = [.. "QUIT"u8];

    /// <summary>A verb alone.</summary>
    [Benchmark]
    public int Verb() => (int)CommandParser.Parse(Quit).Verb;

    /// <summary>MAIL with parameters; allocates the address.</summary>
    [Benchmark]
    public long MailWithParameters()
    {
        Command command = CommandParser.Parse(Mail);
        PathParser.TryParseSender(command.Argument, out Mailbox _, out ReadOnlySpan<byte> text);
        MailParameters.TryParse(text, MailOffers.All, out MailParameters parameters);
        return parameters.Size ?? 0;
    }

    /// <summary>RCPT; allocates the address.</summary>
    [Benchmark]
    public bool RecipientPath()
    {
        Command command = CommandParser.Parse(Recipient);
        PathParser.TryParseRecipient(command.Argument, out Mailbox mailbox, out _);
        return mailbox.IsNull;
    }
}
