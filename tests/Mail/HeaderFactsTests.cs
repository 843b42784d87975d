using System.Text;
using SlimtaFast.TestKit;

namespace SlimtaFast.Mail.Tests;

public sealed class HeaderFactsTests
{
    [Theory]
    [InlineData("Date: x\r\nMessage-ID: <y>\r\n\r\n", true, true, 0)]
    [InlineData("dATE: x\r\nmessage-id: <y>\r\n\r\n", true, true, 0)]
    [InlineData("Resent-Date: x\r\nX-Message-ID: <y>\r\n\r\nDate: z\r\nMessage-ID: z\r\n", false, false, 0)]
    [InlineData("Received: a\r\nreceived: b\r\nRECEIVED:\r\n c\r\nX-Received: d\r\n\r\nReceived: e\r\n", false, false, 3)]
    [InlineData("Date  : x\r\n\r\n", true, false, 0)]
    public void Facts_are_those_of_the_header_section(string text, bool date, bool messageId, int received)
    {
        HeaderFacts facts = HeaderFacts.Scan(Encoding.UTF8.GetBytes(text));
        Assert.Equal((date, messageId, received), (facts.HasDate, facts.HasMessageId, facts.ReceivedCount));
    }

    [Fact]
    public void Counting_of_Received_fields_stops_at_a_thousand()
    {
        string text = string.Concat(Enumerable.Repeat("Received: x\r\n", 1500)) + "\r\n";
        Assert.Equal(1000, HeaderFacts.Scan(Encoding.UTF8.GetBytes(text)).ReceivedCount);
    }

    [Fact]
    public async Task Content_in_memory_is_looked_through_at_once()
    {
        MessageContent content = Contents.InMemory();
        ValueTask<HeaderFacts> scan = HeaderFacts.ScanAsync(content, CancellationToken.None);
        Assert.True(scan.IsCompleted);
        Assert.Equal(Contents.Text.IndexOf("Hello Bob", StringComparison.Ordinal), (await scan).BodyStart);
        content.Release();
    }

    [Fact]
    public async Task Content_on_a_medium_gives_the_same_and_is_read_only_to_the_limit()
    {
        string text = "Date: x\r\nReceived: y\r\n\r\n" + new string('b', 1_000_000);
        var content = new MediumContent(Encoding.UTF8.GetBytes(text));
        HeaderFacts facts = await HeaderFacts.ScanAsync(content, CancellationToken.None);
        Assert.Equal(HeaderFacts.Scan(Encoding.UTF8.GetBytes(text)), facts);
        Assert.Equal(HeaderScanner.DefaultLimit + 1, content.OctetsRead);
        content.Release();
        Assert.True(content.IsFreed);
    }

    [Fact]
    public async Task Content_on_a_medium_that_is_all_header_ends_at_the_limit_or_the_end()
    {
        var content = new MediumContent(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("X: y\r\n", 20))));
        Assert.Equal(HeaderEnd.EndOfMessage, (await HeaderFacts.ScanAsync(content, CancellationToken.None, 120)).End);
        Assert.Equal(HeaderEnd.Limit, (await HeaderFacts.ScanAsync(content, CancellationToken.None, 119)).End);
        content.Release();
    }
}
