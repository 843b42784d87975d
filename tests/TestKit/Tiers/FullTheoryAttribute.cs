using Xunit;

namespace SlimtaFast.TestKit.Tiers;

/// <summary>The same as <see cref="FullFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FullTheoryAttribute : TheoryAttribute
{
    /// <summary>Programs that have to be on the path, or absolute paths that have to exist.</summary>
    public FullTheoryAttribute(params string[] programs) => Skip = new FullFactAttribute(programs).Skip;
}
