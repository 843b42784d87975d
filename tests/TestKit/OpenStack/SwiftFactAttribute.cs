using Xunit;

namespace SlimtaFast.TestKit.OpenStack;

/// <summary>A test on a real Swift: runs in the full and long tiers, where <see cref="SwiftProgram"/> can run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SwiftFactAttribute : FactAttribute
{
    /// <summary>Skipped where it cannot.</summary>
    public SwiftFactAttribute() => Skip = SwiftProgram.WhyNot;
}
