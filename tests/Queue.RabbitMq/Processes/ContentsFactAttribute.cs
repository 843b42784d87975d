using SlimtaFast.TestKit.Aws;
using SlimtaFast.TestKit.OpenStack;
using SlimtaFast.TestKit.RabbitMq;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Queue.RabbitMq.Tests.Processes;

/// <summary>A test that needs a real broker, and a real place for contents beside it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ContentsFactAttribute : FactAttribute
{
    /// <summary>Skipped where either is not there or not asked for.</summary>
    public ContentsFactAttribute(ContentsKind kind)
    {
        Skip = new FullFactAttribute(RabbitMqBroker.Server).Skip ?? kind switch
        {
            ContentsKind.S3 => FauxqsProgram.WhyNot,
            ContentsKind.Swift => SwiftProgram.WhyNot,
            _ => new FullFactAttribute("redis-server", "redis-cli").Skip,
        };
    }
}
