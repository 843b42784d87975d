using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Queue.Administration;

namespace SlimtaFast.Queue.Tests.Administration;

public sealed class SearchPaceTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SearchPace _pace;
    private long _turnover;

    public SearchPaceTests()
    {
        _pace = new SearchPace(() => _turnover, _time);
    }

    [Fact]
    public async Task One_search_looks_at_a_time()
    {
        SearchPace.Turn first = await _pace.BeginAsync(CancellationToken.None);
        Task<SearchPace.Turn> second = _pace.BeginAsync(CancellationToken.None).AsTask();
        using var givenUp = new CancellationTokenSource();
        Task<SearchPace.Turn> third = _pace.BeginAsync(givenUp.Token).AsTask();
        Assert.False(second.IsCompleted);

        await givenUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        first.Dispose();
        (await second).Dispose();
        using SearchPace.Turn fourth = await _pace.BeginAsync(CancellationToken.None);
    }

    [Fact]
    public async Task While_mail_comes_it_rests_for_thirty_times_as_long_as_it_worked()
    {
        using SearchPace.Turn turn = await _pace.BeginAsync(CancellationToken.None);
        for (int i = 0; i < 10; i++)
        {
            Assert.True(turn.RestAsync(CancellationToken.None).AsTask().IsCompleted);
            Work(milliseconds: 1);
            Task rest = turn.RestAsync(CancellationToken.None).AsTask();
            Work(milliseconds: 29);
            Assert.False(rest.IsCompleted);
            Work(milliseconds: 1);
            await rest;
        }
    }

    [Fact]
    public async Task With_little_to_do_it_rests_only_until_that_is_seen()
    {
        using SearchPace.Turn turn = await _pace.BeginAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Task rest = turn.RestAsync(CancellationToken.None).AsTask();
        Assert.False(rest.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(30));
        await rest;

        for (int i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(25));
            Assert.True(turn.RestAsync(CancellationToken.None).AsTask().IsCompleted);
        }

        // Mail comes again.
        Work(milliseconds: 60);
        rest = turn.RestAsync(CancellationToken.None).AsTask();
        Assert.False(rest.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        await rest;
    }

    [Fact]
    public async Task Quarter_of_a_second_is_all_that_a_search_has()
    {
        using SearchPace.Turn turn = await _pace.BeginAsync(CancellationToken.None);
        Assert.False(turn.IsOver);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.True(turn.IsOver);
    }

    private void Work(int milliseconds)
    {
        for (int i = 0; i < milliseconds; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            _turnover += 10;
        }
    }
}
