namespace SlimtaFast.Storage.Aws;

/// <summary>Which queue <see cref="SqsMessageQueue"/> uses. Immutable.</summary>
public sealed record SqsOptions
{
    /// <summary>The queue's name; it has to be there.</summary>
    public required string Queue { get; init; }

    /// <summary>Where the service is.</summary>
    public AwsEndpoint Endpoint { get; init; } = new();

    /// <summary>Checks what can be checked without a server.</summary>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Queue);
        Endpoint.Validate();
    }
}
