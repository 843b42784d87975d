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
                passed += DelaySteps.LengthOf(DelaySteps.For(whole - passed, whole)) + Slack;
                steps++;
            }

            double off = Math.Abs((passed - whole) / whole);
            return (off <= 0.05 || (passed - whole).Duration() <= TimeSpan.FromSeconds(0.6)) && steps <= 12;
        });

    [Fact]
    public void A_delay_of_one_step_takes_one()
    {
        for (int step = 0; step < DelaySteps.Count; step++)
            Assert.Equal(step, DelaySteps.For(DelaySteps.LengthOf(step), DelaySteps.LengthOf(step)));
    }

    [Fact]
    public void A_delay_longer_than_the_longest_step_begins_with_some_step_of_it() =>
        Assert.InRange(DelaySteps.For(TimeSpan.FromDays(10), TimeSpan.FromDays(10)), 0, DelaySteps.Count - 1);

    // What comes in one moment, with delays of all lengths, must not come back in one.
    [Fact]
    public void Long_steps_are_the_last_ones()
    {
        TimeSpan whole = TimeSpan.FromSeconds(3600), passed = TimeSpan.Zero;
        List<int> taken = [];
        while (!DelaySteps.IsOver(whole - passed, whole))
        {
            taken.Add(DelaySteps.For(whole - passed, whole));
            passed += DelaySteps.LengthOf(taken[^1]) + Slack;
        }

        Assert.Equal([9, 10, 11], taken);
    }
}
