using System.Net;
using SlimtaFast.Mail;

namespace SlimtaFast.Edge.Tests;

public sealed class RelayPermissionTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.9.10", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("::2", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    public void Client_in_the_default_networks_is_trusted(string client, bool trusted) =>
        Assert.Equal(trusted, new RelayPermission(RelayPermission.Loopback, []).IsTrusted(IPAddress.Parse(client)));

    [Fact]
    public void Client_without_address_is_not_trusted() =>
        Assert.False(new RelayPermission([IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")], []).IsTrusted(null));

    [Fact]
    public void Narrow_network_leaves_its_neighbours_out()
    {
        var permission = new RelayPermission([IPNetwork.Parse("127.0.0.1/32")], []);
        Assert.True(permission.IsTrusted(IPAddress.Parse("127.0.0.1")));
        Assert.False(permission.IsTrusted(IPAddress.Parse("127.0.0.2")));
    }

    [Theory]
    [InlineData("a@example.org", true)]
    [InlineData("a@EXAMPLE.ORG", true)]
    [InlineData("a@mail.example.org", false)]
    [InlineData("a@badexample.org", false)]
    [InlineData("a@example.org.evil.test", false)]
    [InlineData("a@sub.example.net", true)]
    [InlineData("a@deep.sub.example.net", true)]
    [InlineData("a@example.net", false)]
    [InlineData("a@badexample.net", false)]
    [InlineData("\"x@example.org\"@other.test", false)]
    [InlineData("postmaster", true)]
    public void Recipient_is_accepted_by_its_domain(string recipient, bool accepted) =>
        Assert.Equal(accepted, new RelayPermission([], ["example.org", ".example.net"]).Accepts(Mailbox.Parse(recipient)));

    [Fact]
    public void Without_domains_nothing_is_accepted() => Assert.False(new RelayPermission([], []).Accepts(Mailbox.Parse("a@example.org")));
}
