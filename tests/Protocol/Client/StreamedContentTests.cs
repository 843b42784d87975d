using System.Text;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Smtp;

namespace SlimtaFast.Protocol.Tests.Client;

public class StreamedContentTests
{
    [Theory]
    [InlineData(200_000, 1 << 20, "8BITMIME")]
    [InlineData(200_000, 1000, "PIPELINING")]
    [InlineData(200_000, 1 << 20, "CHUNKING")]
    [InlineData(200_000, 999, "CHUNKING")]
    [InlineData(10, 1, "CHUNKING")]
    public async Task Send_content_that_is_not_in_memory_arrives_as_it_is(int length, int mostPerRead, string extension)
    {
        byte[] bytes = Text(length);
        var fixture = new ClientFixture(new ScriptedServer { Extensions = [extension, "PIPELINING"] });
        fixture.Envelope = fixture.Envelope with { Content = new StreamedContent(bytes, mostPerRead), AddedHeaders = "X: y\r\n"u8.ToArray() };
        SmtpTransactionResult result = await fixture.OpenAndSendAsync();
        Assert.True(result.Replies[0].Reply.IsPositive, fixture.Session.Problem);
        Assert.Equal("X: y\r\n" + Encoding.ASCII.GetString(bytes), fixture.Server.Messages[0].Text);
    }

    [Theory]
    [InlineData("8BITMIME")]
    [InlineData("CHUNKING")]
    public async Task Send_medium_fails_breaks_the_session_before_the_end_and_blames_the_content(string extension)
    {
        var fixture = new ClientFixture(new ScriptedServer { Extensions = [extension] });
        fixture.Envelope = fixture.Envelope with { Content = new StreamedContent(Text(200_000)) { FailsAt = 150_000 } };
        SmtpTransactionResult result = await fixture.OpenAndSendAsync();
        Assert.Equal(SmtpClientFailure.ContentUnavailable, result.Failure);
        Assert.False(result.PossiblyDelivered);
        await fixture.Serving;
        Assert.Empty(fixture.Server.Messages);
    }

    [Fact]
    public async Task Send_many_leading_dots_in_memory_arrive_as_they_are()
    {
        string text = "x: y\r\n\r\n" + string.Concat(Enumerable.Repeat(".\r\n", 20_000));
        var fixture = new ClientFixture(new ScriptedServer(), text: text);
        await fixture.OpenAndSendAsync();
        Assert.Equal(text, fixture.Server.Messages[0].Text);
    }

    // Lines of all lengths up to 80, some of which start with a dot.
    private static byte[] Text(int length)
    {
        var text = new StringBuilder("Subject: long\r\n\r\n");
        for (int i = 0; text.Length < length; i++)
            text.Append(i % 3 == 0 ? "." : "").Append('x', i % 80).Append("\r\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
