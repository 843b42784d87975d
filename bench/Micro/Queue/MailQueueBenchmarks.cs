using System.Net;
using BenchmarkDotNet.Attributes;
using SlimtaFast.Mail;
using SlimtaFast.Queue;
using SlimtaFast.Relay;

namespace SlimtaFast.Micro.Queue;

/// <summary>What the queue itself costs a message with one recipient: header policies, item, scheduling; and with delivery to nowhere.</summary>
[MemoryDiagnoser]
public class MailQueueBenchmarks
{
    private const int Messages = 10_000;

    private readonly QueueIdGenerator _ids = new(TimeProvider.System);
    private readonly Envelope[] _envelopes = new Envelope[Messages];
    private MessageContent _content = null!;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        using var writer = new PooledContentWriter(_ids.Next(), int.MaxValue, null, static _ => throw new InvalidOperationException());
        byte[] message = new byte[1024];
        message.AsSpan().Fill((byte)'x');
        "From: a@example.com\r\nTo: b@example.org\r\nSubject: hello\r\n\r\n"u8.CopyTo(message);
        await writer.WriteAsync(message, CancellationToken.None);
        _content = await writer.CompleteAsync(ContentTraits.None, CancellationToken.None);
        var client = new ClientFacts { Address = IPAddress.Parse("192.0.2.1"), HelloName = "client.example.com", Protocol = "ESMTP", ServerName = "mx.example.org" };
        Recipient[] recipients = [new(Mailbox.Parse("bob@example.org"))];
        for (int i = 0; i < Messages; i++)
        {
            _envelopes[i] = new Envelope
            {
                Id = _ids.Next(),
                ReversePath = Mailbox.Parse("alice@example.com"),
                Recipients = recipients,
                Content = _content,
                ReceivedAt = DateTimeOffset.UtcNow,
                Client = client,
            };
        }
    }

    [GlobalCleanup]
    public void Cleanup() => _content.Release();

    [Benchmark(OperationsPerInvoke = Messages)]
    public Task AcceptAndHoldAsync() => RunAsync(hold: true);

    [Benchmark(OperationsPerInvoke = Messages)]
    public Task AcceptAndDeliverNowhereAsync() => RunAsync(hold: false);

    private async Task RunAsync(bool hold)
    {
        await using var storage = new NullStorage();
        await using var relay = new BlackholeRelay();
        await using var queue = new MailQueue(storage, relay, new MailQueueOptions { Hold = hold }, QueuePolicies.Standard("mx.example.org"));
        await queue.StartAsync(CancellationToken.None);
        foreach (Envelope envelope in _envelopes)
            await queue.EnqueueAsync(envelope, CancellationToken.None);
        while (queue.GetSnapshot() is { Ready: > 0 } or { Active: > 0 } or { Recording: > 0 })
            await Task.Yield();
    }
}
