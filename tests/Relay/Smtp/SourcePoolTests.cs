using System.Net;
using System.Net.Sockets;
using SlimtaFast.Relay.Smtp;

namespace SlimtaFast.Relay.Tests.Smtp;

public sealed class SourcePoolTests
{
    private static SourceAddress Source(string address, int weight = 1) => new(IPAddress.Parse(address), weight);

    [Fact]
    public void Sources_take_turns_by_weight()
    {
        var pool = new SourcePool([Source("192.0.2.1", 3), Source("192.0.2.2"), Source("2001:db8::1", 100)]);
        Assert.Equal("1121112111211121", string.Concat(Enumerable.Range(0, 16).Select(_ => pool.Take(AddressFamily.InterNetwork)!.Address.ToString()[^1])));
    }

    [Fact]
    public void Family_without_a_source_is_the_systems_choice()
    {
        var pool = new SourcePool([Source("192.0.2.1")]);
        Assert.Null(pool.Take(AddressFamily.InterNetworkV6));
        Assert.Null(pool.Take(AddressFamily.Unix));
        Assert.NotNull(pool.Take(AddressFamily.InterNetwork));
        Assert.Null(new SourcePool([]).Take(AddressFamily.InterNetwork));
    }
}
