using FsCheck.Xunit;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Tests.Configuration;

public sealed class AddressTests
{
    [Theory]
    [InlineData("127.0.0.1:2525", "127.0.0.1:2525")]
    [InlineData("smtp://127.0.0.1:2525", "127.0.0.1:2525")]
    [InlineData("smtps://127.0.0.1:465", "smtps://127.0.0.1:465")]
    [InlineData("[::1]:25", "[::1]:25")]
    [InlineData("*:25", "0.0.0.0:25")]
    [InlineData(":0", "0.0.0.0:0")]
    [InlineData("localhost:2525", "127.0.0.1:2525")]
    public void Listen_address_is_read(string text, string endPoint) => Assert.Equal(endPoint, ListenAddress.Parse(text).ToString());

    [Theory]
    [InlineData("2525")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:99999")]
    [InlineData("::1:25")]
    [InlineData("example.org:25")]
    [InlineData("gopher://127.0.0.1:70")]
    public void Listen_address_without_sense_is_refused(string text) => Assert.Throws<FormatException>(() => ListenAddress.Parse(text));

    [Theory]
    [InlineData("lmtp://127.0.0.1:24", "lmtp")]
    [InlineData("lmtp+unix:/run/lmtp", "lmtp+unix")]
    public void Listen_address_of_a_later_version_is_refused_by_name(string text, string scheme) =>
        Assert.Contains($"not yet for {scheme}", Assert.Throws<FormatException>(() => ListenAddress.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Disk_storage_takes_its_parameters()
    {
        var address = Assert.IsType<DiskStorageAddress>(StorageAddress.Parse("disk:/var/spool?env=/a%20b&meta=m&tmp=t&journal=off&journal-size=16g"));
        Assert.Equal("/var/spool", address.Directory);
        Assert.Equal("/a b", address.EnvelopeDirectory);
        Assert.Equal("m", address.MetaDirectory);
        Assert.Equal("t", address.ScratchDirectory);
        Assert.False(address.Journal);
        Assert.Equal(16L << 30, address.JournalSize);
    }

    [Fact]
    public void Disk_storage_without_parameters_has_a_journal()
    {
        var address = Assert.IsType<DiskStorageAddress>(StorageAddress.Parse("disk:./spool"));
        Assert.Equal("./spool", address.Directory);
        Assert.True(address.Journal);
        Assert.Null(address.JournalSize);
    }

    [Theory]
    [InlineData("disk:", "needs a folder")]
    [InlineData("disk:x?journal=maybe", "neither on nor off")]
    [InlineData("disk:x?speed=fast", "knows no parameter 'speed'")]
    [InlineData("disk:x?journal", "not name=value")]
    [InlineData("disk:x?journal-size=big", "journal-size=big")]
    [InlineData("memory:x", "takes no address")]
    [InlineData("s3://bucket", "not yet on s3")]
    [InlineData("./spool", "use disk:DIRECTORY or memory:")]
    public void Storage_without_sense_is_refused_with_the_reason(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => StorageAddress.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("mx:", RelayKind.Mx)]
    [InlineData("blackhole:", RelayKind.Blackhole)]
    [InlineData("hold:", RelayKind.Hold)]
    public void Relay_kind_is_read(string text, object kind) => Assert.Equal(kind, RelayAddress.Parse(text).Kind);

    [Theory]
    [InlineData("smtp://127.0.0.1:2626", "127.0.0.1:2626", null)]
    [InlineData("smtp://mail.example.org", "mail.example.org:25", null)]
    [InlineData("smtp://[::1]:2626", "[::1]:2626", null)]
    [InlineData("smtp://127.0.0.1:2626?connections=20", "127.0.0.1:2626", 20)]
    public void Relay_server_is_read(string text, string server, int? connections)
    {
        RelayAddress relay = RelayAddress.Parse(text);
        Assert.Equal(server, relay.Server!.ToString());
        Assert.Equal(connections, relay.Connections);
    }

    [Theory]
    [InlineData("smtp://", "not HOST:PORT")]
    [InlineData("smtp://a b:25", "not HOST:PORT")]
    [InlineData("smtp://127.0.0.1:0", "not a port")]
    [InlineData("smtp://127.0.0.1:", "not a port")]
    [InlineData("smtp://127.0.0.1?connections=0", "connections=0")]
    [InlineData("smtp://127.0.0.1?tls=on", "knows no parameter 'tls'")]
    [InlineData("mx:x", "nothing may follow mx:")]
    [InlineData("lmtp://127.0.0.1:24", "not yet by lmtp")]
    [InlineData("127.0.0.1:25", "use mx:, smtp://HOST:PORT")]
    public void Relay_without_sense_is_refused_with_the_reason(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => RelayAddress.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("192.0.2.7", "192.0.2.7/32")]
    [InlineData("::1", "::1/128")]
    public void Trusted_network_is_read(string text, string network) => Assert.Equal(network, TrustedNetwork.Parse(text).ToString());

    [Theory]
    [InlineData("10.0.0.0/40")]
    [InlineData("10.0.0.0/33")]
    [InlineData("everybody")]
    public void Trusted_network_without_sense_is_refused(string text) => Assert.Throws<FormatException>(() => TrustedNetwork.Parse(text));

    [Theory]
    [InlineData("example.org", "example.org")]
    [InlineData("example.org.", "example.org")]
    [InlineData(".example.org", ".example.org")]
    public void Accepted_domain_is_read(string text, string domain) => Assert.Equal(domain, AcceptedDomain.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("user@example.org")]
    [InlineData("exa mple.org")]
    public void Accepted_domain_without_sense_is_refused(string text) => Assert.Throws<FormatException>(() => AcceptedDomain.Parse(text));

    [Property]
    public void No_text_fails_otherwise_than_by_its_format(string? text)
    {
        foreach (Action<string> parse in new Action<string>[]
        {
            t => ListenAddress.Parse(t), t => StorageAddress.Parse(t), t => RelayAddress.Parse(t), t => TrustedNetwork.Parse(t),
            t => AcceptedDomain.Parse(t), t => HostPort.ParseSmtp("smtp://" + t), t => StorageAddress.Parse("disk:" + t),
        })
        {
            try
            {
                parse(text ?? "");
            }
            catch (FormatException)
            {
                // The one way in which it may fail.
            }
        }
    }
}
