namespace SlimtaFast.Queue.RabbitMq.Tests.Processes;

/// <summary>What keeps contents that are too large for a broker.</summary>
public enum ContentsKind
{
    /// <summary>A Redis.</summary>
    Redis,

    /// <summary>A server that speaks the protocol of S3.</summary>
    S3,

    /// <summary>A Swift.</summary>
    Swift,
}
