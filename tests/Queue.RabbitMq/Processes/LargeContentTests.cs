using System.Net;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using Xunit.Abstractions;

namespace SlimtaFast.Queue.RabbitMq.Tests.Processes;

/// <summary>Contents that do not travel in the broker's messages, in real places that edges and workers share.</summary>
public sealed class LargeContentTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    [ContentsFact(ContentsKind.Redis)]
    public Task In_Redis_they_are_delivered_whole_and_go_with_the_last_recipient() => DeliverAsync(RedisOfContents.StartAsync);

    [ContentsFact(ContentsKind.S3)]
    public Task In_a_bucket_they_are_delivered_whole_and_go_with_the_last_recipient() => DeliverAsync(S3OfContents.StartAsync);

    [ContentsFact(ContentsKind.Swift)]
    public Task In_a_container_they_are_delivered_whole_and_go_with_the_last_recipient() => DeliverAsync(SwiftOfContents.StartAsync);

    [ContentsFact(ContentsKind.Redis)]
    public async Task What_an_edge_left_that_was_killed_before_its_broker_had_the_message_is_swept_away()
    {
        await using BrokerUnderTest queue = await BrokerUnderTest.StartAsync(output, contents: await RedisOfContents.StartAsync());
        queue.More["SLIMTAFAST__MaxAge"] = "1s";
        queue.More["SLIMTAFAST__Broker__ContentAge"] = "2s";
        (RunningProgram edge, IPEndPoint endPoint) = await queue.StartEdgeAsync();
        await using RunningProgram owned = edge;

        // A broker that says nothing: the content is in its place, and nobody is told 250.
        queue.Broker.Nodes[0].Freeze();
        await using (SmtpLoad load = SmtpLoad.Start(endPoint, connections: 1, seed: 1, static _ => 200_000))
        {
            await WaitForCountAsync(queue, static count => count > 0);
            edge.Kill();
            await edge.WaitForExitAsync(Limit);
            await load.StopAsync();
            queue.Remember(load);
            Assert.Equal(0, load.Accepted);
        }

        // What was on its way to the broker goes with it.
        await queue.Broker.Nodes[0].KillAsync();
        int left = await queue.Contents.CountAsync();
        Assert.NotEqual(0, left);
        await queue.Broker.Nodes[0].StartAsync();
        await using RunningProgram worker = await queue.StartWorkerAsync();
        await WaitForCountAsync(queue, static count => count == 0);
        output.WriteLine($"{left} contents were left, and swept away");
        Assert.Equal(0, queue.Sink.Messages);
        Assert.Equal(0, await worker.StopAsync());
    }

    [ContentsFact(ContentsKind.Redis)]
    public async Task While_the_broker_is_away_no_content_stays_behind()
    {
        await using BrokerUnderTest queue = await BrokerUnderTest.StartAsync(output, contents: await RedisOfContents.StartAsync());
        (RunningProgram edge, IPEndPoint endPoint) = await queue.StartEdgeAsync();
        await using RunningProgram owned = edge;
        await queue.Broker.Nodes[0].KillAsync();
        await using (SmtpLoad load = SmtpLoad.Start(endPoint, connections: 2, seed: 1, static _ => 200_000))
        {
            await load.WaitAsync(static l => l.Messages.Count(static message => message.Outcome == LoadOutcome.Refused) >= 10, Limit);
            await load.StopAsync();
            Assert.Equal(0, load.Accepted);
        }

        await WaitForCountAsync(queue, static count => count == 0);
        Assert.Equal(0, await edge.StopAsync());
    }

    private static async Task WaitForCountAsync(BrokerUnderTest queue, Func<int, bool> isEnough)
    {
        using var end = new CancellationTokenSource(Limit);
        while (!isEnough(await queue.Contents.CountAsync()))
            await Task.Delay(100, end.Token);
    }

    private async Task DeliverAsync(Func<Task<ISharedContents>> start)
    {
        await using BrokerUnderTest queue = await BrokerUnderTest.StartAsync(output, contents: await start());
        (RunningProgram edge, IPEndPoint endPoint) = await queue.StartEdgeAsync();
        await using RunningProgram owned = edge;
        await using (SmtpLoad load = SmtpLoad.Start(endPoint, connections: 4, seed: 3, static random => random.Next(3) == 0 ? random.Next(70_000, 2_000_000) : random.Next(100, 5000)))
        {
            await load.WaitAsync(static l => l.Accepted >= 40, Limit);
            await load.StopAsync();
            queue.Remember(load);
        }

        // Nobody delivers yet: the large ones are all there.
        Assert.NotEqual(0, await queue.Contents.CountAsync());
        await using RunningProgram first = await queue.StartWorkerAsync();
        await using RunningProgram second = await queue.StartWorkerAsync();
        await queue.AssertAllArriveAsync("large contents", mostRepeated: 0);
        await queue.AssertEmptyAsync();
        Assert.Equal(0, await first.StopAsync());
        Assert.Equal(0, await second.StopAsync());
        Assert.Equal(0, await edge.StopAsync());
        await WaitForCountAsync(queue, static count => count == 0);
    }
}
