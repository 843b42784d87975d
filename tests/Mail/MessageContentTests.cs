using SlimtaFast.TestKit;

namespace SlimtaFast.Mail.Tests;

public sealed class MessageContentTests
{
    [Fact]
    public void Last_release_frees_and_no_reference_can_be_had_after_it()
    {
        var content = new MediumContent([1, 2, 3]);
        content.Retain();
        Assert.True(content.TryRetain());
        content.Release();
        content.Release();
        Assert.False(content.IsFreed);
        content.Release();
        Assert.True(content.IsFreed);
        Assert.False(content.TryRetain());
        Assert.Throws<ObjectDisposedException>(content.Retain);
        Assert.Throws<InvalidOperationException>(content.Release);
    }

    [Fact]
    public void References_are_counted_by_many_threads()
    {
        var budget = new ContentBudget(1_000_000);
        MessageContent content = Contents.InMemory(budget: budget);
        Parallel.For(0, 4, _ =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                content.Retain();
                content.Release();
            }
        });
        Assert.NotEqual(0, budget.Used);
        content.Release();
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public async Task Discarding_writer_counts_and_keeps_nothing()
    {
        using var writer = new DiscardingContentWriter(Envelopes.NewId());
        await writer.WriteAsync(new byte[1000], CancellationToken.None);
        await writer.WriteAsync(new byte[24], CancellationToken.None);
        MessageContent content = await writer.CompleteAsync(ContentTraits.Nul, CancellationToken.None);
        Assert.Equal((1024, ContentTraits.Nul), (content.Length, content.Traits));
        Assert.False(content.TryGetMemory(out _));
        await Assert.ThrowsAsync<IOException>(async () => await content.ReadAsync(0, new byte[1], CancellationToken.None));
        content.Release();
    }
}
