using Microsoft.Extensions.Time.Testing;

namespace SlimtaFast.Edge.Tests.Load;

public sealed class LoadSheddingTests : IDisposable
{
    private readonly CollectingQueue _queue = new();
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(LoadResource.Memory)]
    [InlineData(LoadResource.Disk)]
    [InlineData(LoadResource.Queue)]
    public async Task Shortage_refuses_new_transactions_and_finishes_those_that_run(LoadResource resource)
    {
        var gauge = new FakeGauge(resource);
        await using RunningEdge edge = Run(gauge);
        using TestClient running = await edge.ConnectAsync();
        await running.HelloAsync();
        await running.AskAsync("MAIL FROM:<a@b.test>");
        Set(gauge, 1);

        await running.AskAsync("RCPT TO:<b@mine.test>");
        await running.AskAsync("DATA");
        Assert.StartsWith("250", await running.AskAsync("x\r\n."), StringComparison.Ordinal);
        Assert.StartsWith("452 4.3.1", await running.AskAsync("MAIL FROM:<a@b.test>"), StringComparison.Ordinal);
        Set(gauge, 100);
        Assert.StartsWith("250", await running.DeliverAsync("b@mine.test", "x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Short_memory_turns_new_connections_away()
    {
        var gauge = new FakeGauge(LoadResource.Memory);
        await using RunningEdge edge = Run(gauge);
        Set(gauge, 1);
        using TestClient client = await edge.ConnectAsync();
        Assert.StartsWith("421 4.3.2", await client.ReadAsync(), StringComparison.Ordinal);
        Set(gauge, 100);
        using TestClient later = await edge.ConnectAsync();
        await later.HelloAsync();
    }

    [Fact]
    public async Task Short_disk_lets_clients_connect()
    {
        var gauge = new FakeGauge(LoadResource.Disk);
        await using RunningEdge edge = Run(gauge);
        Set(gauge, 1);
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
    }

    public void Dispose() => _queue.Dispose();

    private void Set(FakeGauge gauge, double left)
    {
        gauge.Left = left;
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    private RunningEdge Run(LoadGauge gauge) => new(_queue, RunningEdge.ForStrangers with { Gauges = [gauge] }, _time);
}
