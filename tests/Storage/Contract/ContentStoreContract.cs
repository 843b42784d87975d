using SlimtaFast.Mail;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Tests.Contract;

/// <summary>What every store for the contents of items does alike that wait elsewhere.</summary>
public abstract class ContentStoreContract : IAsyncLifetime
{
    private readonly QueueIdGenerator _ids = new(TimeProvider.System);
    private IContentStore _store = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (new FactAttribute().Skip is not null)
            return;
        _store = Open();
        await _store.StartAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_store is IAsyncDisposable owned)
            await owned.DisposeAsync();
    }

    [Fact]
    public async Task What_is_kept_is_read_back_by_another_process_until_it_is_removed()
    {
        QueueItem item = MakeItem(Noise(700_000));
        await _store.KeepAsync(item.Envelope.Id, item.Envelope.Content, CancellationToken.None);

        // Doing it again is no error: a client's second try may have the same name where an edge repeats itself.
        await _store.KeepAsync(item.Envelope.Id, item.Envelope.Content, CancellationToken.None);
        IContentStore another = Open();
        await another.StartAsync(CancellationToken.None);
        MessageContent content = (await another.OpenAsync(HeadOf(item), CancellationToken.None))!;
        Assert.False(content.TryGetMemory(out _));
        Assert.Equal(item.Envelope.Content.Crc, Crc32C.Compute(await Contents.ReadAllAsync(content)));
        byte[] middle = new byte[1000];
        Assert.Equal(1000, await content.ReadAsync(261_900, middle, CancellationToken.None));
        Assert.Equal(Noise(700_000)[261_900..262_900], middle);
        Assert.Equal(0, await content.ReadAsync(700_000, middle, CancellationToken.None));
        content.Release();
        await another.RemoveAsync(item.Envelope.Id, CancellationToken.None);
        Assert.Null(await _store.OpenAsync(HeadOf(item), CancellationToken.None));
        await _store.RemoveAsync(item.Envelope.Id, CancellationToken.None);
        if (another is IAsyncDisposable owned)
            await owned.DisposeAsync();
    }

    [Fact]
    public async Task Content_of_another_length_is_none()
    {
        QueueItem item = MakeItem(Noise(100_000));
        await _store.KeepAsync(item.Envelope.Id, item.Envelope.Content, CancellationToken.None);
        Assert.Null(await _store.OpenAsync(HeadOf(item) with { ContentLength = 100_001 }, CancellationToken.None));
        Assert.Null(await _store.OpenAsync(HeadOf(MakeItem(Noise(10))), CancellationToken.None));
    }

    [Fact]
    public async Task What_is_old_is_swept_away_and_nothing_else()
    {
        QueueItem[] old = [.. Enumerable.Range(0, 3).Select(_ => MakeItem(Noise(1000), ago: TimeSpan.FromHours(2)))];
        QueueItem recent = MakeItem(Noise(1000));
        foreach (QueueItem item in old.Append(recent))
            await _store.KeepAsync(item.Envelope.Id, item.Envelope.Content, CancellationToken.None);
        Assert.Equal(0, await _store.SweepAsync(DateTimeOffset.UtcNow.AddHours(-3), CancellationToken.None));
        Assert.Equal(3, await _store.SweepAsync(DateTimeOffset.UtcNow.AddHours(-1), CancellationToken.None));
        foreach (QueueItem item in old)
            Assert.Null(await _store.OpenAsync(HeadOf(item), CancellationToken.None));
        MessageContent left = (await _store.OpenAsync(HeadOf(recent), CancellationToken.None))!;
        Assert.Equal(Noise(1000), await Contents.ReadAllAsync(left));
        left.Release();
    }

    [Fact]
    public async Task Content_that_cannot_be_read_to_its_end_is_a_failure_and_none_is_there()
    {
        QueueItem item = MakeItem(Noise(300_000));
        var broken = new BrokenContent(item.Envelope.Content);
        await Assert.ThrowsAsync<StorageException>(async () => await _store.KeepAsync(item.Envelope.Id, broken, CancellationToken.None));
        Assert.Null(await _store.OpenAsync(HeadOf(item), CancellationToken.None));
    }

    /// <summary>A store, not started, in one place that is the test's own; each call is another process.</summary>
    protected abstract IContentStore Open();

    private static byte[] Noise(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static EnvelopeHead HeadOf(QueueItem item) =>
        new(item, item.Envelope.Content.Id, item.Envelope.Content.Length, item.Envelope.Content.Crc, item.Envelope.Content.Traits);

    private QueueItem MakeItem(byte[] content, TimeSpan ago = default)
    {
        QueueIdGenerator ids = ago == default ? _ids : new QueueIdGenerator(new Past(ago));
        QueueItem made = Envelopes.MakeItem(Contents.InMemory(content));
        return made with { Envelope = made.Envelope with { Id = ids.Next() } };
    }

    private sealed class Past(TimeSpan ago) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - ago;
    }

    // The medium fails in the middle.
    private sealed class BrokenContent(MessageContent whole) : MessageContent(whole.Id, whole.Length, whole.Crc, whole.Traits)
    {
        public override bool TryGetMemory(out System.Buffers.ReadOnlySequence<byte> bytes)
        {
            bytes = default;
            return false;
        }

        public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
            offset + buffer.Length <= Length / 2 ? whole.ReadAsync(offset, buffer, cancellationToken) : throw new IOException("The medium of a test fails.");

        protected override void Free() => whole.Release();
    }
}
