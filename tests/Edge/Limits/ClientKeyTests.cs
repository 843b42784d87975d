using System.Net;
using SlimtaFast.Edge.Limits;

namespace SlimtaFast.Edge.Tests.Limits;

public sealed class ClientKeyTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("::1", "0.0.0.1", false)]
    public void Addresses_of_one_client_have_one_key(string one, string other, bool same) =>
        Assert.Equal(same, Of(one, 32, 64) == Of(other, 32, 64));

    [Fact]
    public void Prefix_length_is_an_option()
    {
        Assert.Equal(Of("192.0.2.7", 24, 64), Of("192.0.2.200", 24, 64));
        Assert.NotEqual(Of("192.0.2.7", 24, 64), Of("192.0.3.7", 24, 64));
        Assert.NotEqual(Of("2001:db8::1", 32, 128), Of("2001:db8::2", 32, 128));
        Assert.Equal(Of("2001:db8::1", 32, 48), Of("2001:db8:0:ffff::2", 32, 48));
        Assert.Equal(Of("10.0.0.1", 1, 1), Of("127.255.255.255", 1, 1));
    }

    [Fact]
    public void Client_without_address_has_no_key()
    {
        Assert.True(ClientKey.Of(null, 32, 64).IsNone);
        Assert.False(Of("0.0.0.0", 1, 1).IsNone);
    }

    private static ClientKey Of(string address, int v4, int v6) => ClientKey.Of(IPAddress.Parse(address), v4, v6);
}
