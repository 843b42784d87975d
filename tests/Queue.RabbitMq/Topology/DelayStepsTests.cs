using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SlimtaFast.Queue.RabbitMq.Topology;

namespace SlimtaFast.Queue.RabbitMq.Tests.Topology;

public sealed class DelayStepsTests
{
    // What a message loses in each queue: publishing, expiring, and being handed out.
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(100);

    [Property(MaxTest = 2000)]
    public Property Any_delay_ends_within_a_twentieth_of_itself() => Prop.ForAll(
        Gen.Choose(1, 10 * 86_400).ToArbitrary(),
        seconds =>
        {
            TimeSpan whole = TimeSpan.FromSeconds(seconds), passed = TimeSpan.Zero;
            int steps = 0;
            while (!DelaySteps.IsOver(whole - passed, whole))
            {
                passed += DelaySteps.LengthOf(DelaySteps.For(whole - passed)) + Slack;
                steps++;
            }

            double off = Math.Abs((passed - whole) / whole);
            return (off <= 0.05 || (passed - whole).Duration() <= TimeSpan.FromSeconds(0.6)) && steps <= 12;
        });

    [Fact]
    public void A_delay_of_one_step_takes_one()
    {
        for (int step = 0; step < DelaySteps.Count; step++)
            Assert.Equal(step, DelaySteps.For(DelaySteps.LengthOf(step)));
    }
}
