namespace SlimtaFast.Queue.RabbitMq.Tests.Processes;

/// <summary>A real place for contents that are too large for a broker.</summary>
internal interface ISharedContents : IAsyncDisposable
{
    /// <summary>What <c>Broker:Contents</c> says.</summary>
    string Address { get; }

    /// <summary>Who the processes are there.</summary>
    IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>How many contents there are.</summary>
    Task<int> CountAsync();
}
