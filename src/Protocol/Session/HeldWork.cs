using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Session;

/// <summary>
/// Work on a content that goes on while an earlier answer is sent. Where the client is gone by then, it is still awaited, before anything
/// is cleared up under its hands, and what it made is released. A value of the dialogue's own, never copied. Not thread-safe.
/// </summary>
internal struct HeldWork
{
    private Task? _work;

    /// <summary>Holds work, where an answer will be sent meanwhile, until <see cref="Free"/>; what is returned takes its place.</summary>
    public ValueTask Hold(ValueTask work, bool isNeeded)
    {
        if (!isNeeded || work.IsCompleted)
            return work;
        _work = work.AsTask();
        return new ValueTask(_work);
    }

    /// <summary>The same for the end of a content.</summary>
    public ValueTask<MessageContent> Hold(ValueTask<MessageContent> work, bool isNeeded)
    {
        if (!isNeeded || work.IsCompleted)
            return work;
        Task<MessageContent> completion = work.AsTask();
        _work = completion;
        return new ValueTask<MessageContent>(completion);
    }

    /// <summary>The answer is sent: the work is awaited where it was begun.</summary>
    public void Free() => _work = null;

    /// <summary>Waits for work that nobody awaits any more.</summary>
    public readonly async ValueTask SettleAsync()
    {
        if (_work is not { } work)
            return;
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (work is Task<MessageContent> { IsCompletedSuccessfully: true } completion)
            (await completion).Release();
    }
}
