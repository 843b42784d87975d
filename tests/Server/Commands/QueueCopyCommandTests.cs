using SlimtaFast.Mail;
using SlimtaFast.Server.Commands;
using SlimtaFast.Storage;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Server.Tests.Commands;

public sealed class QueueCopyCommandTests
{
    [Fact]
    public async Task Queue_on_disk_is_moved_to_another_folder()
    {
        using var folder = new TemporaryFolder();
        QueueItem item = Envelopes.MakeItem(TestKit.Contents.InMemory(new byte[300_000]));
        await using (var source = new DiskStorage(new DiskStorageOptions { Directory = folder["old"] }))
        {
            await source.StartAsync(CancellationToken.None);
            await source.WriteAsync([item], CancellationToken.None);
        }

        string[] arguments = ["queue", "copy", "--from", $"disk:{folder["old"]}", "--to", $"disk:{folder["new"]}"];
        (int code, string output, string error) = await RunAsync(arguments);
        Assert.True(code == 0, output + error);
        Assert.Contains("1 items are the same in both, 0 of them were there already; the source is unchanged", output, StringComparison.Ordinal);

        // Once more, and to the end.
        (code, output, error) = await RunAsync([.. arguments, "--remove"]);
        Assert.True(code == 0, output + error);
        Assert.Contains("1 items are the same in both, 1 of them were there already; they were removed from the source", output, StringComparison.Ordinal);
        await using (var target = new DiskStorage(new DiskStorageOptions { Directory = folder["new"] }))
        {
            await target.StartAsync(CancellationToken.None);
            QueueItem copy = (await target.ReadAsync(item.Envelope.Id, CancellationToken.None))!;
            Assert.Equal(300_000, (await TestKit.Contents.ReadAllAsync(copy.Envelope.Content)).Length);
            copy.Envelope.Content.Release();
        }

        (_, output, _) = await RunAsync(arguments);
        Assert.Contains("0 items are the same in both", output, StringComparison.Ordinal);
        item.Envelope.Content.Release();
    }

    [Theory]
    [InlineData("memory:", "disk:x", "--from")]
    [InlineData("disk:x", "memory:", "--to")]
    [InlineData("disk:x", "tape:", "--to")]
    [InlineData("disk:x", "disk:x", "the same storage")]
    [InlineData("redis://one.test,two.test/1", "redis://one.test:6379,two.test/1", "the same storage")]
    [InlineData("s3://mail/queue", "s3://mail/queue/", "the same storage")]
    [InlineData("swift://mail?auth=https://id.test/v3", "swift://mail/slimta?auth=https://id.test/v3", "the same storage")]
    public async Task Mistake_is_told(string from, string to, string reason)
    {
        (int code, _, string error) = await RunAsync(["queue", "copy", "--from", from, "--to", to]);
        Assert.Equal(2, code);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandLine.RunAsync(arguments, output, error, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        return (code, output.ToString(), error.ToString());
    }
}
