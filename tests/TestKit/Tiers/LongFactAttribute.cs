using Xunit;

namespace SlimtaFast.TestKit.Tiers;

/// <summary>A test of the long tier only, which runs where the machine has what it names.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongFactAttribute : FactAttribute
{
    /// <summary>Programs that have to be on the path, absolute paths, or paths such as <c>artifacts/peers/...</c> from the tree's root.</summary>
    public LongFactAttribute(params string[] programs)
    {
        // The one rule about tiers and programs is there.
        Skip = CurrentTier.Value == TestTier.Long
            ? new FullFactAttribute([.. programs.Select(RepositoryTree.Find)]).Skip
            : "runs with SLIMTAFAST_TIER=long";
    }

    /// <summary>True for a server that has to see a file system of its own, which takes the right to mount.</summary>
    public bool Mounts
    {
        get;
        set
        {
            field = value;
            if (value && Skip is null && !MountRight.IsHeld)
                Skip = "this process may not mount, and the server needs its own view of /var and /run";
        }
    }
}
