namespace SlimtaFast.Fuzz.Targets;

/// <summary>A whole dialogue: it ends, says no more than it was asked, and says the same however the input is cut.</summary>
public sealed class ServerSessionTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public string Name => "server-session";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        byte[] all = input.ToArray();
        SessionRun whole = SessionRun.Play(all);
        SessionRun cut = SessionRun.Play([.. all.Chunk(7)]);

        FuzzAssert.That(whole.Text == cut.Text, "The answers depend on how the input is cut.");
        FuzzAssert.That(whole.Messages.Count == cut.Messages.Count, "The messages depend on how the input is cut.");
        FuzzAssert.That(whole.Replies <= all.AsSpan().Count((byte)'\n') + 2, "There are more answers than questions.");
        foreach (char c in whole.Text)
            FuzzAssert.That(c is '\r' or '\n' or (>= ' ' and <= '~'), "An answer holds what no answer may hold.");
    }
}
