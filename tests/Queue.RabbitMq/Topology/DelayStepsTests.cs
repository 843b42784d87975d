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
            return (off <= 0.05 || (passed - whole).Duration() <= TimeSpan.FromSeconds(0.6)) && steps <= 12 && (seconds > 131_072 || steps <= 3);
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

    [Fact]
    public void Lengths_are_whole_seconds_and_rise_by_a_sixteenth_at_most()
    {
        Assert.Equal(TimeSpan.FromSeconds(1), DelaySteps.LengthOf(0));
        Assert.Equal(TimeSpan.FromSeconds(131_072), DelaySteps.LengthOf(DelaySteps.Count - 1));
        for (int step = 1; step < DelaySteps.Count; step++)
        {
            double before = DelaySteps.LengthOf(step - 1).TotalSeconds, length = DelaySteps.LengthOf(step).TotalSeconds;
            Assert.Equal(Math.Floor(length), length);
            Assert.InRange(length, before + 1, Math.Max(before + 1, before * 17 / 16));
        }
    }

    // What comes in one moment, with delays of all lengths, must not come back in one.
    [Theory]
    [InlineData(300, new[] { 12, 288 })]
    [InlineData(600, new[] { 24, 576 })]
    [InlineData(900, new[] { 896 })]
    [InlineData(3600, new[] { 3584 })]
    [InlineData(3700, new[] { 3712 })]
    [InlineData(3660, new[] { 76, 3584 })]
    [InlineData(5 * 86_400, new[] { 36_864, 131_072, 131_072, 131_072 })]
    public void Long_steps_are_the_last_ones(int seconds, int[] steps)
    {
        TimeSpan whole = TimeSpan.FromSeconds(seconds), passed = TimeSpan.Zero;
        List<int> taken = [];
        while (!DelaySteps.IsOver(whole - passed, whole))
        {
            TimeSpan length = DelaySteps.LengthOf(DelaySteps.For(whole - passed, whole));
            taken.Add((int)length.TotalSeconds);
            passed += length + Slack;
        }

        Assert.Equal(steps, taken);
    }
}
