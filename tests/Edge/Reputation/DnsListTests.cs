using System.Net;
using FsCheck.Xunit;

namespace SlimtaFast.Edge.Tests.Reputation;

public sealed class DnsListTests
{
    [Theory]
    [InlineData("bl.example.org", "127.0.0.2", true)]
    [InlineData("bl.example.org", "127.255.255.254", false)]
    [InlineData("bl.example.org", "192.0.2.1", false)]
    [InlineData("bl.example.org=127.0.0.2..11", "127.0.0.11", true)]
    [InlineData("bl.example.org=127.0.0.2..11", "127.0.0.12", false)]
    [InlineData("bl.example.org=127.0.0.2..11", "127.0.0.1", false)]
    [InlineData("bl.example.org=127.0.0.4;127.0.0.6", "127.0.0.6", true)]
    [InlineData("bl.example.org=127.0.0.4;127.0.0.6", "127.0.0.5", false)]
    [InlineData("bl.example.org=127.255.255.254*2", "127.255.255.254", true)]
    public void Answers_that_count_are_chosen(string list, string answer, bool counts) =>
        Assert.Equal(counts, DnsList.Parse(list).IsListing([IPAddress.Parse(answer)]));

    [Theory]
    [InlineData("bl.example.org", 1)]
    [InlineData("bl.example.org*3", 3)]
    [InlineData("wl.example.org=127.0.0.2*-5", -5)]
    public void Weight_is_read(string list, int weight) => Assert.Equal(weight, DnsList.Parse(list).Weight);

    [Theory]
    [InlineData("")]
    [InlineData("nodots")]
    [InlineData("bad name.example")]
    [InlineData("bl.example.org*0")]
    [InlineData("bl.example.org*x")]
    [InlineData("bl.example.org=")]
    [InlineData("bl.example.org=127.0.0")]
    [InlineData("bl.example.org=127.0.0.9..2")]
    [InlineData("bl.example.org=::1")]
    public void Mistake_is_refused(string list) => Assert.Throws<FormatException>(() => DnsList.Parse(list));

    [Property]
    public void No_text_fails_otherwise(string text)
    {
        try
        {
            DnsList.Parse(text ?? "");
        }
        catch (FormatException)
        {
            // The one thing that a text may be told.
        }
    }

    [Fact]
    public void Name_is_the_address_backwards_in_the_zone() =>
        Assert.Equal("7.2.0.192.bl.example.org", DnsList.Parse("bl.example.org").GetName(IPAddress.Parse("192.0.2.7")));
}
