namespace SlimtaFast.Events;

/// <summary>Where events are posted. Immutable.</summary>
public sealed record EventWebhookOptions
{
    /// <summary>The URL that a JSON array of events is posted to.</summary>
    public required Uri Url { get; init; }

    /// <summary>What is sent as <c>Authorization: Bearer TOKEN</c>; null for nothing.</summary>
    public string? Token { get; init; }

    /// <summary>Events of one request, at most. Default 100.</summary>
    public int Batch { get; init; } = 100;

    /// <summary>How long a first event waits for others of its request. Default 1 second.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a request may take. Default 10 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause after a first failure; doubled for each further one. Default 1 second.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between tries. Default 1 minute.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a stop waits for what is left to be taken. Default 5 seconds.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Events that may wait to be taken; further ones are dropped and counted. Default 10,000.</summary>
    public int Buffer { get; init; } = 10_000;
}
