namespace SlimtaFast.Edge.Tests.Load;

/// <summary>Shows what a test sets; short below 10, enough from 20.</summary>
internal sealed class FakeGauge(LoadResource resource) : LoadGauge(resource, 10, 20)
{
    private double _left = 100;

    public double Left
    {
        get => Volatile.Read(ref _left);
        set => Volatile.Write(ref _left, value);
    }

    public Exception? Failure { get; set; }

    public override double ReadLeft() => Failure is null ? Left : throw Failure;
}
