namespace SlimtaFast.Queue;

/// <summary>The settings of a <see cref="ProxyQueue"/>. Immutable; validated once, when the queue is made.</summary>
public sealed record ProxyQueueOptions
{
    /// <summary>Received fields from which on a message is refused as looping (RFC 5321 section 6.3). Default 50.</summary>
    public int MaxReceivedFields { get; init; } = 50;

    /// <summary>Octets that header sections changed by policies may take in memory together; beyond it a message is put off. Default 16 MiB.</summary>
    public long HeaderBudget { get; init; } = 16 * 1024 * 1024;

    /// <summary>Messages that are relayed at once; others wait for their turn within <see cref="Timeout"/>. Default 1000.</summary>
    public int MaxAttempts { get; init; } = 1000;

    /// <summary>
    /// How long a client is kept waiting for its answer, which must be less than clients wait after their final dot: 10 minutes by RFC 5321
    /// section 4.5.3.2.6, and often less. Then the attempt is broken off and the client told to try again. Default 4 minutes.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(4);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxReceivedFields, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(HeaderBudget, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Timeout, TimeSpan.Zero);
    }
}
