namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// A whole dialogue, cut anywhere, beside a plain reading of the same octets: the server gives exactly the replies that the commands
/// sent ask for, in their order, and takes exactly the messages that were answered so.
/// </summary>
public sealed class ServerDialogueTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public string Name => "server-dialogue";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        byte[][] pieces = Cuts.Take(ref input);
        SessionRun run = SessionRun.Play(pieces);
        new PlainReading(input, run).Check();
    }
}
