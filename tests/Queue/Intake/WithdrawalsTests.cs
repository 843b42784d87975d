using System.Collections.Concurrent;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Intake;
using SlimtaFast.Queue.Tests.Fakes;
using SlimtaFast.Storage;
using SlimtaFast.TestKit;

namespace SlimtaFast.Queue.Tests.Intake;

/// <summary>What was refused and may be stored is taken away when the storage is back, and no outage has it asked more often for more of them.</summary>
public sealed class WithdrawalsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly WatchedTime _time = new();
    private readonly FaultyStorage _storage = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<bool> _asked = new();
    private readonly SemaphoreSlim _removed = new(0);
    private volatile bool _isAway = true;

    public WithdrawalsTests() => _storage.Fails = _ =>
    {
        _asked.Enqueue(_isAway);
        if (_isAway)
            return StorageFailure.Unavailable;
        _removed.Release();
        return null;
    };

    public void Dispose()
    {
        _stop.Dispose();
        _removed.Dispose();
    }

    [Fact]
    public async Task Shared_storage_is_asked_until_it_answers_for_a_few_at_a_time()
    {
        Withdrawals withdrawals = Make(isShared: true);
        withdrawals.Begin(MakeIds(100));
        Assert.Equal(100, _asked.Count);
        await _time.PassAsync(TimeSpan.FromSeconds(1));
        await _time.PassAsync(TimeSpan.FromSeconds(2));
        await _time.PassAsync(TimeSpan.FromSeconds(4));

        // The pause is the longest from here on.
        await _time.PassAsync(TimeSpan.FromSeconds(5));
        _isAway = false;
        await _time.PassAsync(TimeSpan.FromSeconds(5));
        for (int i = 0; i < 100; i++)
            Assert.True(await _removed.WaitAsync(Limit));
        Assert.Equal(100 + (4 * 16), _asked.Count(static isAway => isAway));
    }

    [Fact]
    public async Task What_comes_after_the_others_are_done_is_tried_again_too()
    {
        Withdrawals withdrawals = Make(isShared: true);
        for (int round = 0; round < 3; round++)
        {
            _isAway = true;
            withdrawals.Begin(MakeIds(2));
            _isAway = false;
            await _time.PassAsync(TimeSpan.FromSeconds(1));
            for (int i = 0; i < 2; i++)
                Assert.True(await _removed.WaitAsync(Limit));
        }
    }

    [Fact]
    public void Storage_of_one_process_is_asked_once()
    {
        Make(isShared: false).Begin(MakeIds(3));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(3, _asked.Count);
    }

    private static QueueId[] MakeIds(int count) => [.. Enumerable.Range(0, count).Select(static _ => Envelopes.NewId())];

    private Withdrawals Make(bool isShared) =>
        new(_storage, isShared, TimeSpan.FromSeconds(5), new QueueEnvironment { Time = _time, Random = static () => 0.5 }, _stop.Token);
}
