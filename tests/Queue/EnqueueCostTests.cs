using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;
using SlimtaFast.Storage;
using SlimtaFast.TestKit;

namespace SlimtaFast.Queue.Tests;

[Collection(nameof(AloneCollection))]
public class EnqueueCostTests
{
    [Fact]
    public async Task Message_for_one_recipient_costs_a_handful_of_allocations()
    {
        const int Messages = 1000;
        await using var storage = new SinkStorage();
        await using var relay = new ScriptedRelay();
        await using var queue = new MailQueue(storage, relay, new MailQueueOptions { Hold = true }, QueuePolicies.Standard("mx.example.org"));
        await queue.StartAsync(CancellationToken.None);
        await queue.Loading!;
        MessageContent content = Contents.InMemory("Subject: x\r\n\r\nbody\r\n");
        Envelope[] envelopes = [.. Enumerable.Range(0, Messages * 2).Select(_ => Envelopes.Make(content, to: "bob@example.org"))];
        foreach (Envelope envelope in envelopes[..Messages])
            Assert.True((await queue.EnqueueAsync(envelope, CancellationToken.None)).Reply.IsPositive);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = Messages; i < Messages * 2; i++)
            await queue.EnqueueAsync(envelopes[i], CancellationToken.None);
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / Messages;

        // Envelope with its added fields (about 300 octets of text), item, state, the list for the storage, and the reply's text: 862 octets
        // when optimised, some more in a debug build, whose state machines are objects.
        Assert.InRange(each, 1, 1400);
        content.Release();
    }

    private sealed class SinkStorage : IQueueStorage
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public ContentWriter BeginContent(QueueId id, long? sizeHint) => throw new NotSupportedException();

        public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask UpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask RemoveAsync(QueueId id, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<QueueItem?> ReadAsync(QueueId id, CancellationToken cancellationToken) => ValueTask.FromResult<QueueItem?>(null);

        public async IAsyncEnumerable<QueueEntry> LoadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            yield break;
        }

        public StorageInfo GetInfo() => default;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
