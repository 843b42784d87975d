using System.Net;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace SlimtaFast.Micro.Storage;

/// <summary>
/// What it costs to make messages durable together: a number of sessions that each wait for their message, again and again, and the
/// removal of what was stored. On the folder that SLIMTAFAST_BENCH_FOLDER names, or the temporary one; tmpfs measures the code alone.
/// </summary>
[MemoryDiagnoser]
public class DiskCommitBenchmarks : IAsyncDisposable
{
    private const int MessagesPerSession = 20;

    private readonly QueueIdGenerator _ids = new(TimeProvider.System);
    private readonly ClientFacts _client = new() { Address = IPAddress.Parse("192.0.2.1"), HelloName = "client.example.com", Protocol = "ESMTP", ServerName = "mx.example.org" };
    private readonly Recipient[] _recipients = [new(Mailbox.Parse("bob@example.org"))];
    private readonly Mailbox _sender = Mailbox.Parse("alice@example.com");
    private string _folder = "";
    private DiskStorage _storage = null!;
    private MessageContent _content = null!;

    [Params(1, 100)]
    public int Sessions { get; set; }

    [Params(1024, 10 * 1024)]
    public int Octets { get; set; }

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _folder = Path.Combine(Environment.GetEnvironmentVariable("SLIMTAFAST_BENCH_FOLDER") ?? Path.GetTempPath(), Path.GetRandomFileName());
        _storage = new DiskStorage(new DiskStorageOptions { Directory = _folder }, NullLogger<DiskStorage>.Instance);
        await _storage.StartAsync(CancellationToken.None);
        using var writer = new PooledContentWriter(_ids.Next(), int.MaxValue, null, static _ => throw new InvalidOperationException());
        await writer.WriteAsync(new byte[Octets], CancellationToken.None);
        _content = await writer.CompleteAsync(ContentTraits.None, CancellationToken.None);
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        _content.Release();
        await DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _storage.DisposeAsync();
    }

    [Benchmark]
    public async Task StoreAndRemove()
    {
        var sessions = new Task[Sessions];
        for (int i = 0; i < sessions.Length; i++)
            sessions[i] = SessionAsync();
        await Task.WhenAll(sessions);
    }

    private async Task SessionAsync()
    {
        var items = new QueueItem[1];
        for (int i = 0; i < MessagesPerSession; i++)
        {
            var envelope = new Envelope
            {
                Id = _ids.Next(),
                ReversePath = _sender,
                Recipients = _recipients,
                Content = _content,
                ReceivedAt = TimeProvider.System.GetUtcNow(),
                Client = _client,
            };
            items[0] = new QueueItem(envelope, DeliveryState.Initial(envelope.ReceivedAt, 1));
            await _storage.WriteAsync(items, CancellationToken.None);
            await _storage.RemoveAsync(envelope.Id, CancellationToken.None);
        }
    }
}
