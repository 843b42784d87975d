using System.Net;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Relay;
using SlimtaFast.Relay.Pipe;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// A command with macros, and behind the first line an address and a name that a client gave: the command means itself, an argument is one
/// argument whatever the values are, and none becomes an option or leads out of a folder by an address.
/// </summary>
public sealed class PipeCommandTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public string Name => "pipe-command";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        string[] lines = Encoding.UTF8.GetString(input).Split('\n', 3);
        PipeCommand command;
        try
        {
            command = PipeCommand.Parse(lines[0]);
        }
        catch (FormatException)
        {
            return;
        }

        FuzzAssert.That(PipeCommand.Parse(command.ToString()).Words.SequenceEqual(command.Words), "A command is not read as what it was.");
        if (lines.Length < 2 || !Mailbox.TryParse(lines[1], out Mailbox address))
            return;
        using var content = new PooledContentWriter(new QueueId(1), 16, null, static _ => throw new InvalidOperationException());
        MessageContent empty = content.CompleteAsync(ContentTraits.None, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        var recipient = new Recipient(address);
        var envelope = new Envelope
        {
            Id = new QueueId(1),
            ReversePath = address,
            Recipients = [recipient],
            Content = empty,
            ReceivedAt = DateTimeOffset.UnixEpoch,
            Client = new ClientFacts { HelloName = lines.Length < 3 ? "" : lines[2], Address = IPAddress.Loopback },
        };
        bool hasOwnHyphen = command.Words.Any(static word => word.Contains("}-", StringComparison.Ordinal));
        foreach (ArgumentTemplate argument in command.Arguments)
        {
            var block = new ArgumentBlock();
            if (!argument.TryExpand(block, envelope, recipient, allowHyphen: false))
                continue;
            FuzzAssert.That(block.Octets.IndexOf((byte)0) == block.Octets.Length - 1, "An argument is not one argument.");
            // A hyphen of the template itself, behind a value that is empty, is what its author wrote.
            if (argument.StartsWithMacro && !hasOwnHyphen)
                FuzzAssert.That(block.Octets[0] != (byte)'-', "A value became an option.");
        }

        empty.Release();
    }
}
