using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Tests.Contract;

/// <summary>The facts of the contract need a real server here; as the nearest of that name it stands for xunit's in the linked files.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactAttribute : Xunit.FactAttribute
{
    /// <summary>Skipped where the server is not there or not asked for.</summary>
    public FactAttribute() => Skip = new FullFactAttribute("redis-server", "redis-cli").Skip;
}
