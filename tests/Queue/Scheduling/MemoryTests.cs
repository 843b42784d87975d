using SlimtaFast.Mail;
using SlimtaFast.Queue.Scheduling;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Tests.Scheduling;

[Collection(nameof(AloneCollection))]
public class MemoryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Waiting_item_takes_little_memory(bool ready)
    {
        const int Items = 100_000;
        string[] domains = [.. Enumerable.Range(0, 1000).Select(i => $"domain{i}.example")];
        long before = MeasureInUse();
        using var scheduler = new Scheduler(
            new SchedulerLimits(false, 0, 1, 0, 0, TimeSpan.FromHours(4), TimeSpan.FromDays(5)),
            new HopLimits(1, 1, 1, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1)),
            TimeProvider.System, () => 0.5, static () => { });
        var ids = new QueueIdGenerator(TimeProvider.System);
        DateTimeOffset due = DateTimeOffset.UtcNow.AddHours(1);
        for (int i = 0; i < Items; i++)
        {
            string domain = domains[i % domains.Length];
            scheduler.Load(new QueueEntry(ids.Next(), due.AddSeconds(i % 977), 1, domain, 1000), ready ? new NextHop(domain) : null);
        }

        long each = (MeasureInUse() - before) / Items;
        Assert.Equal(Items, scheduler.GetSnapshot(withHops: false) is var snapshot ? snapshot.Waiting + snapshot.Ready : 0);
        Assert.InRange(each, 1, 90);
    }

    // What other tests left to finalizers would go in between.
    private static long MeasureInUse()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
