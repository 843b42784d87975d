using System.Collections.Concurrent;
using SlimtaFast.Mail;
using SlimtaFast.Relay;
using SlimtaFast.Storage;
using SlimtaFast.TestKit;

namespace SlimtaFast.Queue.Tests;

public class ConcurrencyTests
{
    [Fact]
    public async Task Messages_from_many_threads_are_each_delivered_once()
    {
        const int Threads = 4, Each = 500;
        await using var storage = new MemoryStorage();
        await using var relay = new CountingRelay(Threads * Each);
        var options = new MailQueueOptions { ResidentItems = 50, HopInitialAttempts = 3, HopMaxAttempts = 6, MaxAttempts = 8, MaxUnrecorded = 16 };
        await using var queue = new MailQueue(storage, relay, options, QueuePolicies.Standard("mx.example.org"));
        await queue.StartAsync(CancellationToken.None);
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
        {
            for (int i = 0; i < Each; i++)
            {
                MessageContent content = Contents.InMemory();
                EnqueueResult result = await queue.EnqueueAsync(Envelopes.Make(content, to: $"u{thread}-{i}@d{i % 5}.example"), CancellationToken.None);
                content.Release();
                Assert.True(result.Reply.IsPositive);
            }
        })));
        await relay.AllSeen.WaitAsync(TimeSpan.FromSeconds(60));
        await queue.StopAsync(CancellationToken.None);
        Assert.All(relay.Seen, seen => Assert.Equal(1, seen.Value));
        Assert.Equal(0, storage.GetInfo().Items);
        QueueSnapshot snapshot = queue.GetSnapshot();
        Assert.Equal((0, 0, 0, 0), (snapshot.Waiting, snapshot.Ready, snapshot.Active, snapshot.Recording));
    }

    // Delivers now at once, now after a detour over another thread.
    private sealed class CountingRelay(int expected) : IRelay
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentDictionary<string, int> Seen { get; } = new();

        public Task AllSeen => _all.Task;

        public string GetNextHop(string domain) => domain;

        public async ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken)
        {
            string name = attempt.Recipients[0].Address.Address;
            if (name.GetHashCode(StringComparison.Ordinal) % 3 == 0)
                await Task.Yield();
            Seen.AddOrUpdate(name, 1, static (_, count) => count + 1);
            if (Seen.Count == expected)
                _all.TrySetResult();
            return Fakes.Replies.Delivered(attempt);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
