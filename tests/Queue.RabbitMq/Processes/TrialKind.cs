namespace SlimtaFast.Queue.RabbitMq.Tests.Processes;

/// <summary>What is done to a cluster.</summary>
internal enum TrialKind
{
    /// <summary>A worker is killed, and another started.</summary>
    WorkerKilled,

    /// <summary>An edge is killed, and another started.</summary>
    EdgeKilled,

    /// <summary>A node is killed, and started again with its data.</summary>
    NodeKilled,

    /// <summary>A node is silent with all its connections open, as where its network is cut off from everybody.</summary>
    NodeSilent,

    /// <summary>A node is cut off from the other nodes, and goes on talking with edges and workers.</summary>
    NodeCutOff,
}
