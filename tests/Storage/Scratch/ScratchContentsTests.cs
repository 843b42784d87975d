using SlimtaFast.Mail;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Storage.Tests.Scratch;

public sealed class ScratchContentsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300_000)]
    public async Task Content_is_read_back_from_any_place_and_leaves_no_file(int length)
    {
        using var folder = new TemporaryFolder();
        var scratch = new ScratchContents(folder["made"]);
        byte[] bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        using ContentWriter writer = scratch.Begin(new QueueId(7));
        foreach (byte[] piece in bytes.Chunk(70_000))
            await writer.WriteAsync(piece, CancellationToken.None);
        MessageContent content = await writer.CompleteAsync(ContentTraits.None, CancellationToken.None);
        writer.Dispose();
        Assert.Empty(Directory.GetFiles(folder["made"]));
        Assert.Equal((length, Crc32C.Append(0, bytes)), ((int)content.Length, content.Crc));
        foreach (int offset in new[] { 0, length / 3, length })
        {
            byte[] read = new byte[length + 1];
            Assert.Equal(length - offset, await content.ReadAsync(offset, read, CancellationToken.None));
            Assert.Equal(bytes[offset..], read[..(length - offset)]);
        }

        content.Release();
    }

    [Fact]
    public async Task Content_given_up_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        ContentWriter writer = new ScratchContents(folder.Path).Begin(new QueueId(7));
        await writer.WriteAsync(new byte[10], CancellationToken.None);
        writer.Dispose();
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task Folder_that_has_gone_is_the_storages_trouble()
    {
        using var folder = new TemporaryFolder();
        var scratch = new ScratchContents(folder["made"]);
        Directory.Delete(folder["made"]);
        using ContentWriter writer = scratch.Begin(new QueueId(7));
        var trouble = await Assert.ThrowsAsync<StorageException>(() => writer.WriteAsync(new byte[10], CancellationToken.None).AsTask());
        Assert.Equal(StorageFailure.Unavailable, trouble.Failure);
    }
}
