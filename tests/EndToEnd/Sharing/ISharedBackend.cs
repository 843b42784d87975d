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
}
