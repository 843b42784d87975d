using System.Net;
using SlimtaFast.Edge.Reputation;

namespace SlimtaFast.Edge.Tests.Reputation;

public sealed class ReverseNotationTests
{
    [Theory]
    [InlineData("192.0.2.7", "7.2.0.192")]
    [InlineData("::ffff:192.0.2.7", "7.2.0.192")]
    [InlineData("2001:db8:1:2:3:4:567:89ab", "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2")]
    [InlineData("::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0")]
    public void Address_is_written_backwards(string address, string name) => Assert.Equal(name, ReverseNotation.Of(IPAddress.Parse(address)));
}
