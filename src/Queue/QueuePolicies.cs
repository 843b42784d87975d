namespace SlimtaFast.Queue;

/// <summary>The policies that come with the queue.</summary>
public static class QueuePolicies
{
    /// <summary>Adds a Date field where there is none.</summary>
    public static IQueuePolicy AddDate { get; } = new Policies.AddDateHeader();

    /// <summary>Adds a Message-ID field where there is none.</summary>
    /// <param name="hostName">This server's name.</param>
    public static IQueuePolicy AddMessageId(string hostName) => new Policies.AddMessageIdHeader(hostName);

    /// <summary>Adds a Received field in front.</summary>
    /// <param name="hostName">This server's name, for messages whose client facts have none.</param>
    public static IQueuePolicy AddReceived(string hostName) => new Policies.AddReceivedHeader(hostName);

    /// <summary>What a mail server does to every message: Date, Message-ID and Received, in this order.</summary>
    /// <param name="hostName">This server's name.</param>
    public static IReadOnlyList<IQueuePolicy> Standard(string hostName) => [AddDate, AddMessageId(hostName), AddReceived(hostName)];
}
