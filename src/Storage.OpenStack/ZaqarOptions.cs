namespace SlimtaFast.Storage.OpenStack;

/// <summary>Which queue <see cref="ZaqarMessageQueue"/> uses. Immutable.</summary>
public sealed record ZaqarOptions
{
    /// <summary>The cloud.</summary>
    public required OpenStackOptions Cloud { get; init; }

    /// <summary>The queue, which is made where it is not there. Default <c>slimta-queue</c>.</summary>
    public string Queue { get; init; } = "slimta-queue";

    /// <summary>The version of the interface: <c>v1</c> (Rackspace Cloud Queues), <c>v1.1</c> or <c>v2</c>. Default <c>v2</c>.</summary>
    public string Version { get; init; } = "v2";

    /// <summary>What goes into <c>X-Project-Id</c>; empty for nothing.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>How often it is asked while nothing comes: it has no long polling. Default a second.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Checks what can be checked without a server.</summary>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Cloud);
        ArgumentException.ThrowIfNullOrEmpty(Queue);
        if (Version is not ("v1" or "v1.1" or "v2"))
            throw new ArgumentException("The version is v1, v1.1 or v2.", nameof(Version));
        ArgumentOutOfRangeException.ThrowIfLessThan(PollEvery, TimeSpan.FromMilliseconds(1));
        Cloud.Validate();
    }
}
