using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Queue.Sharing;

namespace SlimtaFast.Queue.Tests.Sharing;

public class OutageTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Outage _outage;

    public OutageTests() => _outage = new Outage(_time);

    [Fact]
    public void Lasts_from_the_last_answer_before_it_to_the_first_after_it()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        _outage.Answered();
        _time.Advance(TimeSpan.FromSeconds(2));
        _outage.Failed();
        Assert.True(_outage.IsAway);
        Assert.Equal(TimeSpan.Zero, _outage.TakeLength());
        _time.Advance(TimeSpan.FromSeconds(3));
        _outage.Failed();
        _time.Advance(TimeSpan.FromSeconds(4));
        _outage.Answered();
        Assert.False(_outage.IsAway);
        _time.Advance(TimeSpan.FromSeconds(5));
        _outage.Answered();
        Assert.Equal(TimeSpan.FromSeconds(9), _outage.TakeLength());
        Assert.Equal(TimeSpan.Zero, _outage.TakeLength());
    }

    [Fact]
    public void Storage_that_is_asked_seldom_was_not_away()
    {
        _time.Advance(TimeSpan.FromHours(1));
        _outage.Answered();
        Assert.Equal(TimeSpan.Zero, _outage.TakeLength());
    }

    [Fact]
    public void Longest_of_several_is_told()
    {
        foreach (int seconds in (int[])[1, 7, 2])
        {
            _outage.Failed();
            _time.Advance(TimeSpan.FromSeconds(seconds));
            _outage.Answered();
        }

        Assert.Equal(TimeSpan.FromSeconds(7), _outage.TakeLength());
    }
}
