using SlimtaFast.Edge.Tests.Hooks;
using SlimtaFast.Protocol;
using SlimtaFast.TestKit;

namespace SlimtaFast.Edge.Tests.Reputation;

public sealed class GreetingDelayTests : IDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly CollectingQueue _queue = new();
    private readonly WatchedTime _time = new();
    private readonly ScriptedHook _witness = new();

    [Fact]
    public async Task Client_that_waits_is_greeted_after_the_delay()
    {
        await using RunningEdge edge = Run();
        using TestClient client = await edge.ConnectAsync("127.0.0.2");
        Task<string> greeting = client.ReadAsync();
        await _time.PassAsync(Delay);
        Assert.StartsWith("220", await greeting, StringComparison.Ordinal);
        Assert.StartsWith("250", await client.AskAsync("EHLO client.test"), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.DeliverAsync("b@mine.test", "x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_that_talks_first_is_refused_at_once()
    {
        await using RunningEdge edge = Run();
        using TestClient client = await edge.ConnectAsync("127.0.0.2");
        Assert.StartsWith("554 5.5.1", await client.AskAsync("EHLO client.test"), StringComparison.Ordinal);
        Assert.Equal(SessionEndReason.Refused, await _witness.Ended.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task Client_that_leaves_is_forgotten_at_once()
    {
        await using RunningEdge edge = Run();
        using (TestClient client = await edge.ConnectAsync("127.0.0.2"))
        {
            // Leaves.
        }

        Assert.Equal(SessionEndReason.ClientGone, await _witness.Ended.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task Trusted_client_does_not_wait()
    {
        await using RunningEdge edge = Run();
        using TestClient client = await edge.ConnectAsync("127.0.0.1");
        await client.HelloAsync();
    }

    [Fact]
    public async Task Stop_does_not_wait_for_the_delay()
    {
        await using RunningEdge edge = Run();
        using TestClient client = await edge.ConnectAsync("127.0.0.2");
        using TestClient second = await edge.ConnectAsync("127.0.0.1");
        await second.HelloAsync();
        await edge.Edge.StopAsync().WaitAsync(Patience);
        Assert.Equal(0, edge.Edge.Connections);
    }

    public void Dispose() => _queue.Dispose();

    private RunningEdge Run() => new(_queue, RunningEdge.ForStrangers with { Hooks = [_witness, new GreetingDelay(Delay, _time)] });
}
