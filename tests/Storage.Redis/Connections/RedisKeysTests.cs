using SlimtaFast.Mail;
using SlimtaFast.Storage.Redis.Connections;

namespace SlimtaFast.Storage.Redis.Tests.Connections;

public sealed class RedisKeysTests
{
    private const int Ids = 16_000;

    [Theory]
    [InlineData(1)]
    [InlineData(0.001)]
    public void Ids_of_one_process_are_at_home_at_all_places_of_a_cluster(double milliseconds)
    {
        // They were all at one.
        var keys = new RedisKeys("slimta:", cluster: true);
        var time = new SteppedTime { Step = TimeSpan.FromMilliseconds(milliseconds) };
        var ids = new QueueIdGenerator(time, random: 0x1234_5678_9ABC);
        int[] counts = new int[keys.Places];
        for (int i = 0; i < Ids; i++)
            counts[keys.HomeOf(ids.Next())]++;
        Assert.All(counts, count => Assert.InRange(count, Ids / keys.Places / 2, Ids / keys.Places * 2));
    }

    [Fact]
    public void Server_by_itself_has_one_place() => Assert.Equal(0, new RedisKeys("slimta:", cluster: false).HomeOf(new QueueId(UInt128.MaxValue)));

    private sealed class SteppedTime : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddYears(56);

        public TimeSpan Step { get; init; }

        public override DateTimeOffset GetUtcNow() => _now += Step;
    }
}
