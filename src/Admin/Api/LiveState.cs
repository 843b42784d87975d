using SlimtaFast.Admin.Live;

namespace SlimtaFast.Admin.Api;

/// <summary>How the server is doing: what the page and <c>slimtafast top</c> show all the time. It is made once a second at most, whoever asks.</summary>
internal sealed record LiveState
{
    /// <summary>The server's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Rates, durations and connections.</summary>
    public required LiveReading Figures { get; init; }

    /// <summary>The queue as a whole; left out where mail is not stored.</summary>
    public QueueState? Queue { get; init; }

    /// <summary>The next hops with most to do.</summary>
    public HopList? Hops { get; init; }

    /// <summary>The message that has been in the queue for longest; left out where there is none.</summary>
    public OldestMessage? Oldest { get; init; }
}
