using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.OpenStack.Tests;
using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.Pairings.Tests;

/// <summary>A container, which one process only may use, with a queue: what every durable storage must do.</summary>
public abstract class SwiftWithQueueContract(SwiftFixture swift) : DurableQueueStorageContract
{
    private string? _prefix;

    // What a pairing adds does not depend on how many there are.
    /// <inheritdoc/>
    protected override int Many => 100;

    /// <summary>Makes the queue of the test.</summary>
    protected abstract Task MakeQueueAsync();

    /// <summary>Opens it.</summary>
    protected abstract IMessageQueue OpenQueue();

    /// <inheritdoc/>
    protected override async ValueTask<IQueueStorage> CreateAsync()
    {
        _prefix = swift.NewPrefix();
        await MakeQueueAsync();
        return Open();
    }

    /// <inheritdoc/>
    protected override async ValueTask<IQueueStorage> ReopenAsync()
    {
        await Storage.DisposeAsync();
        return Open();
    }

    private CloudStorage Open() => new(
        swift.OpenStore(_prefix!),
        OpenQueue(),
        new CloudStorageOptions { SoleWriterTime = TimeSpan.FromSeconds(20), PollEvery = TimeSpan.FromMilliseconds(200) },
        TimeProvider.System);
}
