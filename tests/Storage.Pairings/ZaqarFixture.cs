using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.OpenStack;
using SlimtaFast.TestKit.OpenStack;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Pairings.Tests;

/// <summary>One real Zaqar for the tests of a class, each of which has a queue of its own.</summary>
public sealed class ZaqarFixture : IAsyncLifetime
{
    private ZaqarProgram? _zaqar;
    private int _queues;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (new FullFactAttribute(ZaqarProgram.Programs).Skip is null)
            _zaqar = await ZaqarProgram.StartAsync();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_zaqar is not null)
            await _zaqar.DisposeAsync();
    }

    /// <summary>The name of a queue that is still empty; the storage makes it.</summary>
    public string NewQueue() => $"mail{Interlocked.Increment(ref _queues)}";

    /// <summary>A queue.</summary>
    public IMessageQueue OpenQueue(string name) => new ZaqarMessageQueue(
        new ZaqarOptions
        {
            Cloud = new OpenStackOptions { Identity = IdentityKind.None, Endpoint = _zaqar!.Url },
            Queue = name,
            ProjectId = "1234",
            PollEvery = TimeSpan.FromMilliseconds(100),
        },
        TimeProvider.System);
}
