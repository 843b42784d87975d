using Xunit;

namespace SlimtaFast.TestKit.Aws;

/// <summary>A test on a real server of S3 and SQS: runs in the full and long tiers, where <see cref="FauxqsProgram"/> is there or can be installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FauxqsFactAttribute : FactAttribute
{
    /// <summary>Skipped where there is none.</summary>
    public FauxqsFactAttribute() => Skip = FauxqsProgram.WhyNot;
}
