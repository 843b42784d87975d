using System.Buffers;
using System.Net;
using BenchmarkDotNet.Attributes;
using SlimtaFast.Mail;

namespace SlimtaFast.Micro.Mail;

/// <summary>What writing and reading an item's head and state in the binary format costs; writing allocates nothing.</summary>
[MemoryDiagnoser]
public class SerializerBenchmarks
{
    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
    private QueueItem _item = null!;
    private byte[] _head = [];
    private byte[] _state = [];

    [Params(1, 10)]
    public int Recipients { get; set; }

    [GlobalSetup]
    public async Task SetupAsync()
    {
        var ids = new QueueIdGenerator(TimeProvider.System);
        using var writer = new PooledContentWriter(ids.Next(), int.MaxValue, null, static _ => throw new InvalidOperationException());
        await writer.WriteAsync(new byte[4096], CancellationToken.None);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var envelope = new Envelope
        {
            Id = ids.Next(),
            ReversePath = Mailbox.Parse("alice@example.com"),
            Recipients = [.. Enumerable.Range(0, Recipients).Select(i => new Recipient(Mailbox.Parse($"bob{i}@example.org")))],
            Content = await writer.CompleteAsync(ContentTraits.None, CancellationToken.None),
            ReceivedAt = now,
            Client = new ClientFacts { Address = IPAddress.Parse("192.0.2.1"), HelloName = "client.example.com", Protocol = "ESMTP", ServerName = "mx.example.org" },
            AddedHeaders = "Received: from client.example.com ([192.0.2.1])\r\n\tby mx.example.org with ESMTP id 019cec8a4c5070018040a1b2c3d4e5f6;\r\n\tSat, 14 Mar 2026 15:09:26 +0000\r\n"u8.ToArray(),
        };
        _item = new QueueItem(envelope, DeliveryState.Initial(now, Recipients));
        WriteHead();
        _head = _output.WrittenSpan.ToArray();
        WriteState();
        _state = _output.WrittenSpan.ToArray();
    }

    [Benchmark]
    public void WriteHead()
    {
        _output.ResetWrittenCount();
        EnvelopeSerializer.WriteHead(_output, _item);
    }

    [Benchmark]
    public bool ReadHead() => EnvelopeSerializer.TryReadHead(_head, out _);

    [Benchmark]
    public void WriteState()
    {
        _output.ResetWrittenCount();
        EnvelopeSerializer.WriteState(_output, _item.Envelope.Id, _item.State);
    }

    [Benchmark]
    public bool ReadState() => EnvelopeSerializer.TryReadState(_state, out _, out _);
}
