using SlimtaFast.Queue;

namespace SlimtaFast.Admin.Api;

/// <summary>The queue as a whole.</summary>
internal sealed record QueueState
{
    /// <summary>Messages that wait for their next due time, held ones included.</summary>
    public required int Waiting { get; init; }

    public required int Ready { get; init; }

    public required int Active { get; init; }

    public required int Recording { get; init; }

    public required int SuspendedHops { get; init; }

    public required int Domains { get; init; }

    public required bool Paused { get; init; }

    /// <summary>True for a queue that stores only.</summary>
    public required bool Holds { get; init; }

    /// <summary>True while not all that is stored is known yet.</summary>
    public required bool Loading { get; init; }

    /// <summary>True where processes share the storage: the figures but those of the storage are this process's.</summary>
    public required bool OnlyThisProcess { get; init; }

    public required long StoredItems { get; init; }

    public required long StoredOctets { get; init; }

    public required bool AcceptsNew { get; init; }

    public string? StorageProblem { get; init; }

    public static QueueState Of(QueueTotals totals) => new()
    {
        Waiting = totals.Queue.Waiting,
        Ready = totals.Queue.Ready,
        Active = totals.Queue.Active,
        Recording = totals.Queue.Recording,
        SuspendedHops = totals.Queue.SuspendedHops,
        Domains = totals.Queue.Domains,
        Paused = totals.Paused,
        Holds = totals.Holds,
        Loading = totals.Loading,
        OnlyThisProcess = totals.IsShared,
        StoredItems = totals.Storage.Items,
        StoredOctets = totals.Storage.Bytes,
        AcceptsNew = totals.Storage.AcceptsNew,
        StorageProblem = totals.Storage.Problem,
    };
}
