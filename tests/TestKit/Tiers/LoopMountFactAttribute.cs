using Xunit;

namespace SlimtaFast.TestKit.Tiers;

/// <summary>A test on a file system of its own, which takes root and a loop device: runs in the full and long tiers where there are both.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LoopMountFactAttribute : FactAttribute
{
    /// <summary>Programs that have to be there besides <c>mount</c>, such as <c>mkfs.ext4</c>.</summary>
    public LoopMountFactAttribute(params string[] programs)
    {
        // The one rule about tiers and programs is there.
        Skip = new FullFactAttribute([.. programs, "mount", "umount"]).Skip;
        if (Skip is null && !(MountRight.IsHeld && File.Exists("/dev/loop-control")))
            Skip = "this process may not mount loop devices";
    }
}
