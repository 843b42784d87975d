using SlimtaFast.Storage.Cloud;
using SlimtaFast.TestKit.Aws;

namespace SlimtaFast.Storage.Aws.Tests;

/// <summary>A queue of SQS, on a real server.</summary>
public sealed class SqsMessageQueueTests(AwsFixture fixture) : IClassFixture<AwsFixture>
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    [FauxqsFact]
    public async Task Message_is_hidden_comes_back_and_goes()
    {
        await using IMessageQueue queue = fixture.OpenQueue(await fixture.NewQueueAsync());
        await queue.StartAsync(CancellationToken.None);
        await queue.SendAsync([new OutgoingMessage("{\"a\": 1}", TimeSpan.Zero)], CancellationToken.None);
        ReceivedMessage first = Assert.Single(await queue.ReceiveAsync(10, TimeSpan.FromMinutes(1), Wait, CancellationToken.None));
        Assert.Equal(("{\"a\": 1}", 1), (first.Body, first.Receives));
        Assert.Empty(await queue.ReceiveAsync(10, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(1), CancellationToken.None));
        await queue.HideAsync([first.Receipt], TimeSpan.Zero, CancellationToken.None);
        ReceivedMessage second = Assert.Single(await queue.ReceiveAsync(10, TimeSpan.FromMinutes(1), Wait, CancellationToken.None));
        Assert.Equal(2, second.Receives);
        await queue.DeleteAsync([second.Receipt], CancellationToken.None);
        await queue.HideAsync([second.Receipt], TimeSpan.Zero, CancellationToken.None);
        Assert.Empty(await queue.ReceiveAsync(10, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(1), CancellationToken.None));
    }

    [FauxqsFact]
    public async Task Many_messages_are_sent_and_received_in_batches()
    {
        await using IMessageQueue queue = fixture.OpenQueue(await fixture.NewQueueAsync());
        await queue.StartAsync(CancellationToken.None);
        await queue.SendAsync([.. Enumerable.Range(0, 25).Select(static i => new OutgoingMessage($"{{\"a\": {i}}}", TimeSpan.Zero))], CancellationToken.None);
        var bodies = new HashSet<string>();
        var receipts = new List<string>();
        while (bodies.Count < 25 && await queue.ReceiveAsync(10, TimeSpan.FromMinutes(1), Wait, CancellationToken.None) is { Count: > 0 } messages)
        {
            bodies.UnionWith(messages.Select(static message => message.Body));
            receipts.AddRange(messages.Select(static message => message.Receipt));
        }

        Assert.Equal(25, bodies.Count);
        await queue.DeleteAsync(receipts, CancellationToken.None);
    }

    [FauxqsFact]
    public async Task Queue_that_is_not_there_is_refused_at_start()
    {
        await using IMessageQueue queue = fixture.OpenQueue("nobody-made-this");
        await Assert.ThrowsAsync<StorageException>(() => queue.StartAsync(CancellationToken.None));
    }
}
