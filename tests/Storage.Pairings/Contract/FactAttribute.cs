using SlimtaFast.TestKit.Aws;
using SlimtaFast.TestKit.OpenStack;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Tests.Contract;

/// <summary>The facts and theories of the contract need real servers here; as the nearest of that name it stands for xunit's in the linked files.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactAttribute : Xunit.FactAttribute
{
    /// <summary>Skipped where one of the servers is not there or not asked for.</summary>
    public FactAttribute() => Skip = SwiftProgram.WhyNot ?? FauxqsProgram.WhyNot ?? new FullFactAttribute(ZaqarProgram.Programs).Skip;
}
