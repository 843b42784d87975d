using SlimtaFast.TestKit.Aws;
using SlimtaFast.TestKit.OpenStack;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>A test on real storages of every kind: runs in the full and long tiers, or in the long one alone, where all of them can run.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EveryStorageFactAttribute : FactAttribute
{
    /// <summary>Skipped where one of them is missing.</summary>
    public EveryStorageFactAttribute(bool isLong = false) =>
        Skip = (isLong ? new LongFactAttribute().Skip : null) ?? new FullFactAttribute("redis-server", "redis-cli").Skip ?? FauxqsProgram.WhyNot ?? SwiftProgram.WhyNot;
}
