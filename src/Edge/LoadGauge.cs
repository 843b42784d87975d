namespace SlimtaFast.Edge;

/// <summary>
/// Tells how much is left of something. It is read about once a second, on one thread at a time that is not a connection's.
/// </summary>
public abstract class LoadGauge
{
    /// <summary>Makes a gauge. The gap between the two bounds keeps the server from wavering.</summary>
    /// <param name="resource">Of what.</param>
    /// <param name="shortBelow">It is short when less than this is left.</param>
    /// <param name="enoughFrom">It is no longer short when this or more is left; not below <paramref name="shortBelow"/>.</param>
    protected LoadGauge(LoadResource resource, double shortBelow, double enoughFrom)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(enoughFrom, shortBelow);
        Resource = resource;
        ShortBelow = shortBelow;
        EnoughFrom = enoughFrom;
    }

    /// <summary>Of what.</summary>
    public LoadResource Resource { get; }

    /// <summary>It is short when less than this is left.</summary>
    public double ShortBelow { get; }

    /// <summary>It is no longer short when this or more is left.</summary>
    public double EnoughFrom { get; }

    /// <summary>
    /// How much is left, in the gauge's own unit. An <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> is logged, and leaves
    /// the state as it was.
    /// </summary>
    public abstract double ReadLeft();
}
