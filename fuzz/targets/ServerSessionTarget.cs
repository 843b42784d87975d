namespace SlimtaFast.Fuzz.Targets;

/// <summary>A whole dialogue by SMTP and by LMTP: it ends, says no more than it was asked, and says the same however the input is cut.</summary>
public sealed class ServerSessionTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public string Name => "server-session";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        byte[] all = input.ToArray();
        int lines = all.AsSpan().Count((byte)'\n');
        Check(SessionRun.Play(all), SessionRun.Play([.. all.Chunk(7)]), lines + 2);

        // Each recipient's own reply to the content goes with a line of its own before.
        Check(SessionRun.PlayLmtp(all), SessionRun.PlayLmtp([.. all.Chunk(7)]), (2 * lines) + 2);
    }

    private static void Check(SessionRun whole, SessionRun cut, int mostReplies)
    {
        FuzzAssert.That(whole.Text == cut.Text, "The answers depend on how the input is cut.");
        FuzzAssert.That(whole.Messages.Count == cut.Messages.Count, "The messages depend on how the input is cut.");
        FuzzAssert.That(whole.Replies <= mostReplies, "There are more answers than questions.");
        foreach (char c in whole.Text)
            FuzzAssert.That(c is '\r' or '\n' or (>= ' ' and <= '~'), "An answer holds what no answer may hold.");
    }
}
