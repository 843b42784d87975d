namespace SlimtaFast.Storage.Cloud;

/// <summary>How <see cref="CloudStorage"/> works. Immutable.</summary>
public sealed record CloudStorageOptions
{
    /// <summary>How often a process that waits for items looks for new ones where there is no queue to tell of them. Default 5 seconds.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often everything is listed, to find what a process left unfinished. Default an hour.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromHours(1);

    /// <summary>From what age on something that belongs to nothing counts as left behind. Default an hour.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long the only writer of an endpoint without conditional writes holds its place without renewing it; it stops writing at half of it. More than twice what a request may take. Default a minute.</summary>
    public TimeSpan SoleWriterTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Checks what can be checked without a store.</summary>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(PollEvery, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(SweepEvery, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(Linger, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(SoleWriterTime, TimeSpan.FromSeconds(1));
    }
}
