namespace SlimtaFast.Server.Tests.Logging;

/// <summary>A stream whose writes wait for a gate and may fail.</summary>
internal sealed class GatedStream : MemoryStream
{
    public ManualResetEventSlim Entered { get; } = new();

    public ManualResetEventSlim Gate { get; } = new();

    public IOException? Failure { get; init; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Entered.Set();
        Gate.Wait();
        if (Failure is not null)
            throw Failure;
        base.Write(buffer);
    }

    protected override void Dispose(bool disposing)
    {
        Entered.Dispose();
        Gate.Dispose();
        base.Dispose(disposing);
    }
}
