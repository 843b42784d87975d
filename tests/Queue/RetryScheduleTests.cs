using FsCheck.Xunit;
using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Tests;

public class RetryScheduleTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 5)]
    [InlineData(3, 15)]
    [InlineData(4, 30)]
    [InlineData(5, 60)]
    [InlineData(6, 120)]
    [InlineData(7, 240)]
    [InlineData(8, 360)]
    [InlineData(9, 360)]
    [InlineData(25, 360)]
    public void Default_waits_longer_and_longer(int attempts, int minutes)
    {
        TimeSpan? delay = RetrySchedule.Default.GetDelay(OutcomeKind.Transient, attempts, TimeSpan.FromMinutes(1), 0.5);
        Assert.Equal(TimeSpan.FromMinutes(minutes), delay);
    }

    [Fact]
    public void Default_tries_for_the_last_time_at_five_days_and_then_gives_up()
    {
        TimeSpan age = TimeSpan.FromDays(5);
        Assert.Equal(TimeSpan.FromHours(1), RetrySchedule.Default.GetDelay(OutcomeKind.Transient, 20, age - TimeSpan.FromHours(1), 0.5));
        Assert.Null(RetrySchedule.Default.GetDelay(OutcomeKind.Transient, 20, age, 0.5));
    }

    [Theory]
    [InlineData(OutcomeKind.Delivered)]
    [InlineData(OutcomeKind.Permanent)]
    public void Final_outcome_is_not_tried_again(OutcomeKind outcome) =>
        Assert.Null(RetrySchedule.Default.GetDelay(outcome, 1, TimeSpan.Zero, 0.5));

    [Fact]
    public void List_that_ends_gives_up_after_its_last_delay()
    {
        RetrySchedule schedule = Parse("30s,5m,1h");
        Assert.Equal([30, 300, 3600], Enumerable.Range(1, 3).Select(attempts => (int)Delay(schedule, attempts)!.Value.TotalSeconds));
        Assert.Null(Delay(schedule, 4));
    }

    [Fact]
    public void List_that_ends_makes_room_for_delays_beyond_the_maximum_age()
    {
        RetrySchedule schedule = Parse("4d,7d");
        Assert.Equal(TimeSpan.FromDays(7), schedule.GetDelay(OutcomeKind.Transient, 2, TimeSpan.FromDays(4.4), 0.5));
    }

    [Fact]
    public void List_with_an_ellipsis_repeats_its_last_delay()
    {
        RetrySchedule schedule = Parse(" 1m , 5m, 1h ,...");
        Assert.Equal(TimeSpan.FromHours(1), Delay(schedule, 100));
        Assert.Null(schedule.GetDelay(OutcomeKind.Transient, 100, TimeSpan.FromDays(5), 0.5));
    }

    [Fact]
    public void Delay_of_nothing_means_at_once() => Assert.Equal(TimeSpan.Zero, Delay(Parse("0s,1d"), 1));

    [Theory]
    [InlineData("")]
    [InlineData("...")]
    [InlineData("1m,...,5m")]
    [InlineData("1m,...,...")]
    [InlineData("0s,...")]
    [InlineData("5")]
    [InlineData("m")]
    [InlineData("1x")]
    [InlineData("-1m")]
    [InlineData("1.5h")]
    [InlineData("1m,,5m")]
    [InlineData("400d")]
    [InlineData("99999999999s")]
    public void What_is_no_list_is_refused_with_a_reason(string text)
    {
        Assert.False(RetrySchedule.TryParse(text, TimeSpan.FromDays(5), out RetrySchedule? schedule, out string? error));
        Assert.Null(schedule);
        Assert.NotEmpty(error);
    }

    [Property]
    public void Any_text_is_parsed_or_refused(string? text)
    {
        bool parsed = RetrySchedule.TryParse(text, TimeSpan.FromDays(5), out RetrySchedule? schedule, out string? error);
        Assert.Equal(parsed, schedule is not null);
        Assert.Equal(parsed, error is null);
    }

    [Property]
    public void Delay_stays_within_jitter_and_age(int attempts, uint minutes, ushort random)
    {
        var age = TimeSpan.FromMinutes(minutes % 10_000);
        RetrySchedule schedule = RetrySchedule.Default;
        TimeSpan? delay = schedule.GetDelay(OutcomeKind.Transient, attempts, age, random / 65_536.0);
        Assert.Equal(age < schedule.MaxAge, delay is not null);
        if (delay is null)
            return;
        TimeSpan middle = schedule.GetDelay(OutcomeKind.Transient, attempts, TimeSpan.Zero, 0.5)!.Value;
        Assert.InRange(delay.Value, TimeSpan.Zero, middle * 1.1001);
        Assert.True(age + delay <= schedule.MaxAge);
        Assert.True(delay >= middle * 0.8999 || age + delay == schedule.MaxAge);
    }

    [Property]
    public void Retries_always_end(ushort[] randoms)
    {
        TimeSpan age = TimeSpan.Zero;
        int attempts = 0;
        while (RetrySchedule.Default.GetDelay(OutcomeKind.Transient, ++attempts, age, randoms.Length == 0 ? 0 : randoms[attempts % randoms.Length] / 65_536.0) is { } delay)
        {
            age += delay;
            Assert.InRange(attempts, 1, 40);
        }

        Assert.Equal(TimeSpan.FromDays(5), age);
    }

    private static RetrySchedule Parse(string text)
    {
        Assert.True(RetrySchedule.TryParse(text, TimeSpan.FromDays(5), out RetrySchedule? schedule, out string? error), error);
        return schedule;
    }

    private static TimeSpan? Delay(RetrySchedule schedule, int attempts) => schedule.GetDelay(OutcomeKind.Transient, attempts, TimeSpan.Zero, 0.5);
}
