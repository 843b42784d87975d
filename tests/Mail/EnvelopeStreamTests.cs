using System.Text;
using SlimtaFast.TestKit;

namespace SlimtaFast.Mail.Tests;

public sealed class EnvelopeStreamTests
{
    private const string Added = "Received: from a by b\r\n";

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(23)]
    [InlineData(4096)]
    public async Task Stream_gives_added_headers_then_content_in_pieces_of_any_size(int piece)
    {
        foreach (MessageContent content in new MessageContent[] { Contents.InMemory(), new MediumContent(Encoding.UTF8.GetBytes(Contents.Text)) })
        {
            await using (Stream stream = (Envelopes.Make(content) with { AddedHeaders = Encoding.UTF8.GetBytes(Added) }).OpenStream())
            {
                Assert.Equal(Added.Length + Contents.Text.Length, stream.Length);
                var copy = new MemoryStream();
                await stream.CopyToAsync(copy, piece);
                Assert.Equal(Added + Contents.Text, Encoding.UTF8.GetString(copy.ToArray()));
                Assert.Equal(stream.Length, stream.Position);
                Assert.Equal(0, await stream.ReadAsync(new byte[1]));
            }

            content.Release();
        }
    }

    [Fact]
    public void Stream_is_read_synchronously_from_memory_only()
    {
        MessageContent inMemory = Contents.InMemory(), onMedium = new MediumContent("Hello"u8.ToArray());
        using (var reader = new StreamReader(Envelopes.Make(inMemory).OpenStream()))
            Assert.Equal(Contents.Text, reader.ReadToEnd());
        using (Stream stream = Envelopes.Make(onMedium).OpenStream())
            Assert.Throws<NotSupportedException>(() => stream.ReadByte());
        inMemory.Release();
        onMedium.Release();
    }

    [Fact]
    public async Task Stream_seeks()
    {
        MessageContent content = Contents.InMemory();
        await using Stream stream = (Envelopes.Make(content) with { AddedHeaders = Encoding.UTF8.GetBytes(Added) }).OpenStream();
        byte[] buffer = new byte[5];
        stream.Seek(-5, SeekOrigin.End);
        await stream.ReadExactlyAsync(buffer);
        Assert.Equal("ob.\r\n", Encoding.UTF8.GetString(buffer));
        stream.Position = Added.Length - 2;
        await stream.ReadExactlyAsync(buffer);
        Assert.Equal("\r\nFro", Encoding.UTF8.GetString(buffer));
        Assert.Equal(0, stream.Seek(-Added.Length - 3, SeekOrigin.Current));
        stream.Position = stream.Length + 10;
        Assert.Equal(0, await stream.ReadAsync(buffer));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Position = -1);
        content.Release();
    }

    [Fact]
    public async Task Stream_holds_the_content_until_it_is_disposed()
    {
        var content = new MediumContent("Hello"u8.ToArray());
        Stream stream = Envelopes.Make(content).OpenStream();
        content.Release();
        Assert.False(content.IsFreed);
        Assert.Equal(5, await stream.ReadAsync(new byte[10]));
        await stream.DisposeAsync();
        await stream.DisposeAsync();
        Assert.True(content.IsFreed);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stream.ReadExactlyAsync(new byte[1]));
    }
}
