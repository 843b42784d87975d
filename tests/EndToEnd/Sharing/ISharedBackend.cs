namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>A real storage that processes share.</summary>
internal interface ISharedBackend : IAsyncDisposable
{
    /// <summary>What <c>--storage</c> says.</summary>
    string Storage { get; }

    /// <summary>Who the processes are there.</summary>
    IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>How long a lease lasts there in these tests.</summary>
    TimeSpan Lease { get; }

    /// <summary>How long a start may take there.</summary>
    TimeSpan StartLimit => TimeSpan.FromSeconds(30);

    /// <summary>For how long nothing may arrive while something is missing.</summary>
    TimeSpan Quiet => TimeSpan.FromSeconds(30);

    /// <summary>How many items there are, as text.</summary>
    Task<string> CountAsync();

    /// <summary>
    /// The tokens of all items, where one of a message that was not acknowledged, because its process was killed, may stay until a sweep finds it: where an
    /// item is there before the process has told anybody so.
    /// </summary>
    Task<IReadOnlyList<string>> FindTokensAsync() => Task.FromResult<IReadOnlyList<string>>([]);
}
