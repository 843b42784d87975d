using SlimtaFast.Mail;
using SlimtaFast.Protocol.Session;
using SlimtaFast.TestKit;

namespace SlimtaFast.Protocol.Tests.Session;

public sealed class HeldWorkTests
{
    [Fact]
    public async Task Work_that_nobody_awaits_any_more_is_waited_for()
    {
        var work = new TaskCompletionSource();
        HeldWork held = default;
        Task taking = held.Hold(new ValueTask(work.Task), isNeeded: true).AsTask();
        Task settling = held.SettleAsync().AsTask();
        Assert.False(settling.IsCompleted);
        work.SetException(new IOException("The disk fails."));
        await settling;
        await Assert.ThrowsAsync<IOException>(() => taking);
    }

    [Fact]
    public async Task Content_that_nobody_takes_any_more_is_released()
    {
        var work = new TaskCompletionSource<MessageContent>();
        MessageContent content = Contents.InMemory([1, 2, 3]);
        HeldWork held = default;
        Task<MessageContent> completing = held.Hold(new ValueTask<MessageContent>(work.Task), isNeeded: true).AsTask();
        work.SetResult(content);
        await held.SettleAsync();
        Assert.Same(content, await completing);
        Assert.False(content.TryRetain());
    }

    [Fact]
    public async Task Content_that_was_taken_is_its_takers()
    {
        var work = new TaskCompletionSource<MessageContent>();
        MessageContent content = Contents.InMemory([1, 2, 3]);
        HeldWork held = default;
        Task<MessageContent> completing = held.Hold(new ValueTask<MessageContent>(work.Task), isNeeded: true).AsTask();
        held.Free();
        work.SetResult(content);
        Assert.Same(content, await completing);
        await held.SettleAsync();
        content.Release();
    }

    [Fact]
    public async Task What_is_done_or_needs_no_holding_costs_nothing()
    {
        var work = new TaskCompletionSource();
        HeldWork held = default;
        await held.Hold(default(ValueTask), isNeeded: true);
        Task unheld = held.Hold(new ValueTask(work.Task), isNeeded: false).AsTask();
        Assert.True(held.SettleAsync().AsTask().IsCompletedSuccessfully);
        Assert.False(unheld.IsCompleted);
    }
}
