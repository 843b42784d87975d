using System.Globalization;
using SlimtaFast.Queue.RabbitMq.Topology;

namespace SlimtaFast.Queue.RabbitMq.Tests.Topology;

public sealed class PartitionsTests
{
    [Fact]
    public void Domains_are_spread_over_all_work_queues()
    {
        int[] counts = new int[Partitions.Count];
        for (int i = 0; i < 8000; i++)
            counts[Partitions.Of(string.Create(CultureInfo.InvariantCulture, $"host{i}.example"))]++;
        Assert.All(counts, static count => Assert.InRange(count, 800, 1200));
    }

    // A broker outlives the processes: what one version put somewhere another must look for there.
    [Theory]
    [InlineData("example.org", 5)]
    [InlineData("gmail.com", 4)]
    [InlineData("", 0)]
    public void A_domain_stays_where_it_is(string domain, int partition) => Assert.Equal(partition, Partitions.Of(domain));

    [Fact]
    public void Each_worker_is_the_first_choice_of_its_share()
    {
        int[] firsts = new int[4];
        for (int round = 0; round < 500; round++)
        {
            for (int partition = 0; partition < Partitions.Count; partition++)
            {
                int best = Enumerable.Range(0, firsts.Length).MaxBy(worker => Partitions.PreferenceOf(string.Create(CultureInfo.InvariantCulture, $"{round}/{worker}"), partition));
                firsts[best]++;
            }
        }

        Assert.All(firsts, static count => Assert.InRange(count, 850, 1150));
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(2, 4)]
    [InlineData(3, 3)]
    [InlineData(8, 1)]
    [InlineData(20, 1)]
    public void Worker_keeps_its_part_and_gives_up_the_rest(int workers, int kept)
    {
        int[] all = [.. Enumerable.Range(0, Partitions.Count)];
        Assert.Equal(all[kept..], Partitions.MoreThanPart(all, workers));
        Assert.Empty(Partitions.MoreThanPart(all[..kept], workers));
    }
}
