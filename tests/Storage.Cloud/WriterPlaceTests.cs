using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Storage.Cloud.Exclusive;
using SlimtaFast.Storage.Cloud.Tests.Memory;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>Of processes that want the place of the only writer at the same time one has it, however long their requests take.</summary>
public sealed class WriterPlaceTests
{
    private static readonly TimeSpan HoldTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // What who came at once waits, and after what a holder writes his name again.
    private static readonly TimeSpan Soon = HoldTime / 20, Renewal = HoldTime / 8;

    private readonly WatchedTime _time = new();
    private readonly MemoryBucket _bucket = new();

    [Fact]
    public async Task One_whose_request_was_under_way_for_long_begins_when_the_other_has_ended()
    {
        await using WriterPlace early = MakePlace(), late = MakePlace();
        using var isTaken = new ManualResetEventSlim();
        using var isAsked = new SemaphoreSlim(0);
        using var isOver = new SemaphoreSlim(0);
        int puts = 0;
        _bucket.Before = (_, name) =>
        {
            if (name != "writer" || Interlocked.Increment(ref puts) > 1)
                return;
            isAsked.Release();
            Assert.True(isTaken.Wait(Limit));
        };
        Task takingLate = Task.Run(() => late.TakeAsync(CancellationToken.None));
        Assert.True(await isAsked.WaitAsync(Limit));
        Task takingEarly = early.TakeAsync(CancellationToken.None);
        await _time.PassAsync(Soon);
        await takingEarly.WaitAsync(Limit);
        Assert.True(early.IsHeld);

        // Its name is written over the other's, who is at work.
        _bucket.After = (_, _) => isOver.Release();
        isTaken.Set();
        Assert.True(await isOver.WaitAsync(Limit));
        _bucket.After = null;
        await _time.PassAsync(Renewal);
        using var limit = new CancellationTokenSource(Limit);
        while (early.IsHeld)
        {
            Assert.False(late.IsHeld);
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        await _time.PassAsync(HoldTime);
        Assert.False(takingLate.IsCompleted);
        await _time.PassAsync(Soon);
        await takingLate.WaitAsync(Limit);
        Assert.True(late.IsHeld);
        Assert.False(early.IsHeld);
    }

    [Fact]
    public async Task Place_that_the_store_misses_while_its_holder_writes_his_name_again_is_not_free()
    {
        await using WriterPlace early = MakePlace(), late = MakePlace();
        Task takingEarly = early.TakeAsync(CancellationToken.None);
        await _time.PassAsync(Soon);
        await takingEarly.WaitAsync(Limit);
        int asked = 0;
        _bucket.Misses = (_, _) => Interlocked.Increment(ref asked) == 1;
        int puts = 0;
        _bucket.Before = (_, _) => Interlocked.Increment(ref puts);
        Task takingLate = late.TakeAsync(CancellationToken.None);
        using var limit = new CancellationTokenSource(Limit);
        while (Volatile.Read(ref asked) < 2)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal(0, puts);
        while (!takingLate.IsCompleted)
            await _time.PassAsync(Renewal);
        await Assert.ThrowsAsync<StorageException>(() => takingLate.WaitAsync(Limit));
        Assert.True(early.IsHeld);
    }

    [Fact]
    public async Task Write_that_waited_for_long_is_not_sent_when_the_place_may_be_anothers()
    {
        WriterPlace place = MakePlace();
        Task taking = place.TakeAsync(CancellationToken.None);
        await _time.PassAsync(Soon);
        await taking.WaitAsync(Limit);
        await using var store = new SoleWriterStore(_bucket.Open(), place, ConditionalWrites.None);

        // The question before the write takes a minute, in which the place cannot be renewed.
        _bucket.Before = static (_, name) =>
        {
            if (name == "writer")
                throw new StorageException(StorageFailure.Unavailable, "not now");
        };
        _bucket.Asked = (what, name) =>
        {
            if (what == "find" && name == "states/a")
                _time.Advance(HoldTime);
        };
        await Assert.ThrowsAsync<StorageException>(() => store.PutAsync("states/a", "b"u8.ToArray(), [], PutCondition.Absent, CancellationToken.None).AsTask());
        Assert.DoesNotContain("states/a", _bucket.Names);
    }

    private WriterPlace MakePlace() => new(_bucket.Open(), _time, HoldTime, NullLogger.Instance);
}
