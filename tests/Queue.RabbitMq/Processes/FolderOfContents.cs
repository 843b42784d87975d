using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Queue.RabbitMq.Tests.Processes;

/// <summary>A folder that all processes see.</summary>
internal sealed class FolderOfContents : ISharedContents
{
    private readonly TemporaryFolder _folder = new();

    public string Address => "folder:" + _folder["contents"];

    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>();

    public Task<int> CountAsync() => Task.FromResult(Directory.EnumerateFiles(_folder["contents"], "*", SearchOption.AllDirectories).Count());

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
