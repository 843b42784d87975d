using SlimtaFast.TestKit.Aws;

namespace SlimtaFast.Storage.Tests.Contract;

/// <summary>The facts and theories of the contract need a real server here; as the nearest of that name it stands for xunit's in the linked files.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TheoryAttribute : Xunit.TheoryAttribute
{
    /// <summary>Skipped where the server is not there or not asked for.</summary>
    public TheoryAttribute() => Skip = CephProgram.WhyNot;
}
