using Microsoft.Extensions.Time.Testing;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Lookup.Tests;

public sealed class FileLookupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Changed_file_is_read_again()
    {
        Write("a@b.example one");
        var lookup = new FileLookup(_folder["list"], _time);
        Assert.Equal("one", await FindAsync(lookup));

        Write("a@b.example another");
        Assert.Equal("one", await FindAsync(lookup));
        _time.Advance(TimeSpan.FromSeconds(6));
        await FindAsync(lookup);
        await lookup.LastLook;

        Assert.Equal("another", await FindAsync(lookup));
    }

    [Fact]
    public async Task Changed_file_with_a_mistake_leaves_the_old_content_and_is_told_once()
    {
        var told = new List<Exception>();
        Write("a@b.example one");
        var lookup = new FileLookup(_folder["list"], _time, told.Add);
        Write("/[/ broken");
        for (int i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(6));
            await FindAsync(lookup);
            await lookup.LastLook;
        }

        Assert.Equal("one", await FindAsync(lookup));
        Assert.IsType<FormatException>(Assert.Single(told));
    }

    [Fact]
    public async Task Removed_file_leaves_the_old_content()
    {
        Write("a@b.example one");
        var told = new List<Exception>();
        var lookup = new FileLookup(_folder["list"], _time, told.Add);
        File.Delete(_folder["list"]);
        _time.Advance(TimeSpan.FromSeconds(6));
        await FindAsync(lookup);
        await lookup.LastLook;

        Assert.Equal("one", await FindAsync(lookup));
        Assert.IsType<FileNotFoundException>(Assert.Single(told));
    }

    [Fact]
    public void Missing_file_is_refused_at_once() => Assert.Throws<FileNotFoundException>(() => new FileLookup(_folder["none"], _time));

    public void Dispose() => _folder.Dispose();

    private static async Task<string?> FindAsync(FileLookup lookup) => await lookup.FindAsync("a@b.example", CancellationToken.None);

    private void Write(string text)
    {
        File.WriteAllText(_folder["new"], text + "\n");
        File.Move(_folder["new"], _folder["list"], overwrite: true);
    }
}
