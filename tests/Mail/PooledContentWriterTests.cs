using System.Buffers;
using FsCheck.Xunit;
using SlimtaFast.TestKit;

namespace SlimtaFast.Mail.Tests;

public sealed class PooledContentWriterTests
{
    private readonly ContentBudget _budget = new(10_000_000);
    private readonly List<SpillWriter> _spills = [];

    [Property(MaxTest = 200)]
    public void Content_of_writes_of_any_sizes_is_their_concatenation(ushort[] sizes, ushort threshold)
    {
        byte[][] pieces = [.. sizes.Select(static (size, i) => Noise(size % 9000, i))];
        byte[] all = [.. pieces.SelectMany(static piece => piece)];
        using PooledContentWriter writer = Begin(threshold * 2);
        foreach (byte[] piece in pieces)
            Run(writer.WriteAsync(piece, CancellationToken.None));
        Assert.Equal(all.Length, writer.Length);
        MessageContent content = Complete(writer, ContentTraits.EightBit);
        Assert.Equal(all.Length <= threshold * 2, content.TryGetMemory(out ReadOnlySequence<byte> bytes));
        Assert.Equal(all, all.Length <= threshold * 2 ? bytes.ToArray() : ReadAll(content));
        Assert.Equal(all, ReadAll(content));
        Assert.Equal((all.Length, Crc32C.Compute(all), ContentTraits.EightBit), (content.Length, content.Crc, content.Traits));
        content.Release();
        Assert.Equal(0, _budget.Used);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(99_999, false)]
    [InlineData(100_000, false)]
    [InlineData(100_001, true)]
    public void Content_above_the_threshold_is_spilled_and_its_memory_given_back(int length, bool spilled)
    {
        using PooledContentWriter writer = Begin(100_000);
        Run(writer.WriteAsync(Noise(length), CancellationToken.None));
        Assert.Equal(spilled ? 1 : 0, _spills.Count);
        Assert.Equal(spilled || length == 0, _budget.Used == 0);
        MessageContent content = Complete(writer);
        Assert.Equal(Noise(length), ReadAll(content));
        content.Release();
        Assert.Equal(0, _budget.Used);
    }

    [Fact]
    public void Content_is_spilled_at_once_when_the_budget_is_spent()
    {
        Assert.True(_budget.TryTake(_budget.Limit));
        using PooledContentWriter writer = Begin(1_000_000);
        Run(writer.WriteAsync(Noise(10), CancellationToken.None));
        Assert.Single(_spills);
        Run(writer.WriteAsync(Noise(20), CancellationToken.None));
        MessageContent content = Complete(writer);
        Assert.Equal([.. Noise(10), .. Noise(20)], ReadAll(content));
        content.Release();
        Assert.Equal(_budget.Limit, _budget.Used);
    }

    [Fact]
    public void Budget_never_goes_beyond_its_limit_and_what_does_not_fit_is_spilled()
    {
        var budget = new ContentBudget(100_000);
        using var writer = new PooledContentWriter(Envelopes.NewId(), int.MaxValue, budget, BeginSpill);
        for (int i = 0; i < 200; i++)
        {
            Run(writer.WriteAsync(Noise(1000), CancellationToken.None));
            Assert.InRange(budget.Used, 0, budget.Limit);
        }

        Assert.Single(_spills);
        Assert.Equal(0, budget.Used);
        Complete(writer).Release();
    }

    [Fact]
    public void Small_content_takes_little_of_the_budget()
    {
        using PooledContentWriter writer = Begin(1_000_000);
        Run(writer.WriteAsync(Noise(100), CancellationToken.None));
        Assert.InRange(_budget.Used, 100, 4096);
    }

    [Fact]
    public void Disposing_frees_what_was_not_completed()
    {
        PooledContentWriter inMemory = Begin(1_000_000), spilled = Begin(10);
        Run(inMemory.WriteAsync(Noise(100_000), CancellationToken.None));
        Run(spilled.WriteAsync(Noise(100_000), CancellationToken.None));
        inMemory.Dispose();
        spilled.Dispose();
        inMemory.Dispose();
        Assert.Equal(0, _budget.Used);
        Assert.True(Assert.Single(_spills).IsDisposed);
    }

    [Fact]
    public void Disposing_after_completion_leaves_the_content()
    {
        PooledContentWriter writer = Begin(1_000_000);
        Run(writer.WriteAsync(Noise(5000), CancellationToken.None));
        MessageContent content = Complete(writer);
        writer.Dispose();
        Assert.Equal(Noise(5000), ReadAll(content));
        content.Release();
        Assert.Equal(0, _budget.Used);
    }

    [Fact]
    public void Failing_medium_fails_the_write_and_everything_is_given_back_on_disposal()
    {
        using (var writer = new PooledContentWriter(Envelopes.NewId(), 5000, _budget, static _ => throw new IOException("no space")))
        {
            Run(writer.WriteAsync(Noise(5000), CancellationToken.None));
            Assert.Throws<IOException>(() => Run(writer.WriteAsync(Noise(1), CancellationToken.None)));
        }

        Assert.Equal(0, _budget.Used);
    }

    private static byte[] Noise(int length, int seed = 3)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static byte[] ReadAll(MessageContent content) => Contents.ReadAllAsync(content).GetAwaiter().GetResult();

    private static void Run(ValueTask task) => task.AsTask().GetAwaiter().GetResult();

    private static MessageContent Complete(ContentWriter writer, ContentTraits traits = ContentTraits.None) =>
        writer.CompleteAsync(traits, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    private PooledContentWriter Begin(int threshold) => new(Envelopes.NewId(), threshold, _budget, BeginSpill);

    private SpillWriter BeginSpill(QueueId id)
    {
        var spill = new SpillWriter(id);
        _spills.Add(spill);
        return spill;
    }

    private sealed class SpillWriter(QueueId id) : ContentWriter
    {
        private readonly MemoryStream _written = new();

        public bool IsDisposed { get; private set; }

        public override long Length => _written.Length;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            await Task.Yield();
            _written.Write(bytes.Span);
        }

        public override ValueTask<MessageContent> CompleteAsync(ContentTraits traits, CancellationToken cancellationToken) =>
            ValueTask.FromResult<MessageContent>(new SpilledContent(id, _written.ToArray(), traits));

        protected override void Dispose(bool disposing) => IsDisposed = true;
    }

    private sealed class SpilledContent(QueueId id, byte[] bytes, ContentTraits traits) : MessageContent(id, bytes.Length, Crc32C.Compute(bytes), traits)
    {
        public override bool TryGetMemory(out ReadOnlySequence<byte> sequence)
        {
            sequence = default;
            return false;
        }

        public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            int count = (int)Math.Min(buffer.Length, bytes.Length - offset);
            bytes.AsSpan((int)offset, count).CopyTo(buffer.Span);
            return ValueTask.FromResult(count);
        }

        protected override void Free()
        {
        }
    }
}
