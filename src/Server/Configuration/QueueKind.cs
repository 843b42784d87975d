namespace SlimtaFast.Server.Configuration;

/// <summary>What is done with mail that a client hands over.</summary>
internal enum QueueKind
{
    /// <summary>It is stored, and delivered as often as it takes.</summary>
    Local,

    /// <summary>It is relayed while the client waits, and nothing is stored.</summary>
    Proxy,

    /// <summary>It goes into the queues of a broker, from which workers deliver it.</summary>
    Broker,
}
