using Xunit;

namespace SlimtaFast.TestKit.Aws;

/// <summary>A test on a real Ceph: runs in the long tier, where <see cref="CephProgram"/> can run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CephFactAttribute : FactAttribute
{
    /// <summary>Skipped where it cannot.</summary>
    public CephFactAttribute() => Skip = CephProgram.WhyNot;
}
