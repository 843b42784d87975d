using Microsoft.Extensions.Time.Testing;
using SlimtaFast.TestKit;

namespace SlimtaFast.Mail.Tests;

public sealed class QueueIdGeneratorTests
{
    private readonly FakeTimeProvider _time = new(Envelopes.Received);

    [Fact]
    public void Id_has_version_variant_time_and_random_bits()
    {
        QueueId id = new QueueIdGenerator(_time, 0xFFFF_A1B2_C3D4_E5F6).Next();
        var guid = Guid.ParseExact(id.ToString(), "N");
        Assert.Equal(7, guid.Version);
        Assert.InRange(guid.Variant, 8, 11);
        Assert.Equal(Envelopes.Received, id.CreatedAt);
        Assert.EndsWith("a1b2c3d4e5f6", id.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_of_one_millisecond_increase()
    {
        var generator = new QueueIdGenerator(_time);
        QueueId last = generator.Next();
        for (int i = 0; i < 5000; i++)
        {
            QueueId next = generator.Next();
            Assert.True(next > last);
            Assert.Equal(7, Guid.ParseExact(next.ToString(), "N").Version);
            Assert.InRange(Guid.ParseExact(next.ToString(), "N").Variant, 8, 11);
            last = next;
        }

        Assert.Equal(Envelopes.Received, last.CreatedAt);
    }

    [Fact]
    public void Ids_increase_when_the_clock_steps_back()
    {
        var time = new SteppingTime { Now = Envelopes.Received };
        var generator = new QueueIdGenerator(time);
        QueueId before = generator.Next();
        time.Now -= TimeSpan.FromHours(1);
        Assert.True(generator.Next() > before);
        time.Now += TimeSpan.FromHours(2);
        Assert.Equal(time.Now, generator.Next().CreatedAt);
    }

    [Fact]
    public void Ids_go_on_into_the_next_millisecond_when_one_is_used_up()
    {
        var generator = new QueueIdGenerator(_time);
        QueueId first = generator.Next(), last = first;
        for (int i = 0; i < 1 << 20; i++)
            last = generator.Next();
        Assert.True(last > first);
        Assert.Equal(Envelopes.Received.AddMilliseconds(1), last.CreatedAt);
    }

    [Fact]
    public void Ids_of_many_threads_are_unique_and_increase_on_each()
    {
        var generator = new QueueIdGenerator(_time);
        QueueId[][] made = new QueueId[4][];
        Parallel.For(0, made.Length, new ParallelOptions { MaxDegreeOfParallelism = made.Length }, thread =>
            made[thread] = [.. Enumerable.Range(0, 20_000).Select(_ => generator.Next())]);
        foreach (QueueId[] ids in made)
            Assert.Equal(ids.Order(), ids);
        Assert.Equal(80_000, made.SelectMany(static ids => ids).Distinct().Count());
    }

    [Fact]
    public void Generators_of_two_processes_differ() =>
        Assert.NotEqual(new QueueIdGenerator(_time).Next(), new QueueIdGenerator(_time).Next());

    private sealed class SteppingTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
