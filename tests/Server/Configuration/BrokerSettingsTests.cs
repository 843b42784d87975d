using Microsoft.Extensions.Configuration;
using SlimtaFast.Server.Configuration;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.Server.Tests.Configuration;

public sealed class BrokerSettingsTests
{
    [Fact]
    public void Address_names_nodes_vhost_and_how_they_are_used()
    {
        var address = QueueAddress.Parse("amqps://a.example,b.example:1234/mail%2Fout?prefix=out&timeout=3s&patience=0s&heartbeat=20s&prefetch=7");
        Assert.Equal(QueueKind.Broker, address.Kind);
        Assert.Equal([KeyValuePair.Create("a.example", 5671), KeyValuePair.Create("b.example", 1234)], address.Broker!.Options.Nodes);
        Assert.Equal(("mail/out", "out", true, 7), (address.Broker.Options.VirtualHost, address.Broker.Options.Prefix, address.Broker.Options.Tls, address.Broker.Options.Prefetch));
        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(20)), (address.Broker.Options.Timeout, address.Broker.Options.Heartbeat));
        Assert.Equal("/", QueueAddress.Parse("amqp://localhost").Broker!.Options.VirtualHost);
    }

    [Theory]
    [InlineData("Queue:Address", "amqp://guest:guest@host", "Broker:PasswordFile")]
    [InlineData("Queue:Address", "amqp://host?colour=red", "has no parameter 'colour'")]
    [InlineData("Queue:Address", "amqp://host?prefetch=0", "number of messages")]
    [InlineData("Queue:Address", "amqp://host?single=yes", "neither on nor off")]
    [InlineData("Queue:Address", "amqp://host?timeout=1", "not a time")]
    [InlineData("Queue:Address", "amqp://", "HOST:PORT")]
    [InlineData("Broker:Contents", "/srv/contents", "folder:DIRECTORY")]
    [InlineData("Broker:Contents", "disk:/srv/contents", "folder:DIRECTORY")]
    [InlineData("Broker:Contents", "memory://", "memory: takes no address")]
    [InlineData("Broker:Contents", "s3://bucket?queue=news", "queue=")]
    [InlineData("Broker:Contents", "swift://container", "auth=URL")]
    [InlineData("Broker:TlsAuthorities", "/no/such/file", "/no/such/file")]
    [InlineData("Broker:TlsCertificate", "/no/such/file", "/no/such/file")]
    [InlineData("Broker:InlineLimit", "1G", "at most")]
    [InlineData("Broker:MaxDeliveries", "0", "from 1")]
    [InlineData("Broker:PasswordFile", "/no/such/file", "/no/such/file")]
    public void Mistakes_are_told_with_their_key(string key, string value, string expected)
    {
        Read([(key, value)], out IReadOnlyList<string> errors);
        string error = Assert.Single(errors);
        Assert.StartsWith(key, error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_store_for_contents_no_message_is_larger_than_travels_in_the_broker()
    {
        ServeSettings settings = Read([("Queue:Address", "amqp://host")], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal(256 * 1024, settings.Session.MaxMessageSize);
        Read([("Queue:Address", "amqp://host"), ("MaxMessageSize", "1M")], out errors);
        Assert.Contains("Broker:Contents", Assert.Single(errors), StringComparison.Ordinal);
        settings = Read([("Queue:Address", "amqp://host"), ("MaxMessageSize", "1M"), ("Broker:Contents", "folder:/srv/contents")], out errors);
        Assert.Empty(errors);
        Assert.Equal(1024 * 1024, settings.Session.MaxMessageSize);
        Assert.Equal("/srv/contents", settings.Broker.Contents!.Directory);
    }

    [Theory]
    [InlineData("s3://bucket/broker?region=eu-west-1", typeof(S3StorageAddress))]
    [InlineData("swift://container?auth=http://127.0.0.1/v3", typeof(SwiftStorageAddress))]
    [InlineData("rackspace://container", typeof(SwiftStorageAddress))]
    [InlineData("redis://host/2?replicas=1", typeof(RedisStorageAddress))]
    public void Contents_may_be_where_storages_are(string address, Type expected)
    {
        ServeSettings settings = Read([("Queue:Address", "amqp://host"), ("Broker:Contents", address)], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.IsType(expected, settings.Broker.Contents!.Storage);
        Assert.Equal(52_428_800, settings.Session.MaxMessageSize);
    }

    [Fact]
    public void Certificates_for_a_broker_take_an_address_by_TLS()
    {
        using var folder = new TemporaryFolder();
        using var certificates = new TestCertificates();
        File.WriteAllText(folder["authority.pem"], certificates.AuthorityPem);
        Read([("Queue:Address", "amqp://host"), ("Broker:TlsAuthorities", folder["authority.pem"])], out IReadOnlyList<string> errors);
        Assert.StartsWith("Broker:TlsAuthorities", Assert.Single(errors), StringComparison.Ordinal);
        ServeSettings settings = Read([("Queue:Address", "amqps://host"), ("Broker:TlsAuthorities", folder["authority.pem"])], out errors);
        Assert.Empty(errors);
        Assert.Single(settings.Broker.Options.Authorities!);
    }

    [Fact]
    public void Contents_outlive_the_messages_that_wait()
    {
        Read([("Queue:Address", "amqp://host"), ("Broker:Contents", "folder:/srv/contents"), ("MaxAge", "40d")], out IReadOnlyList<string> errors);
        Assert.StartsWith("Broker:ContentAge", Assert.Single(errors), StringComparison.Ordinal);
        Read([("Queue:Address", "amqp://host"), ("Broker:Contents", "folder:/srv/contents"), ("MaxAge", "40d"), ("Broker:ContentAge", "60d")], out errors);
        Assert.Empty(errors);
        Read([("Queue:Address", "amqp://host"), ("MaxAge", "40d")], out errors);
        Assert.Empty(errors);
    }

    [Fact]
    public void Server_in_front_of_a_broker_delivers_only_where_it_is_told_to()
    {
        ServeSettings settings = Read([("Queue:Address", "amqp://host")], out _).ForServe();
        Assert.Equal(RelayKind.Hold, settings.Relay.Kind);
        Assert.True(settings.Queue.Hold);
        settings = Read([("Queue:Address", "amqp://host"), ("Relay", "mx:")], out _).ForServe();
        Assert.Equal(RelayKind.Mx, settings.Relay.Kind);
        Assert.False(settings.Queue.Hold);
        settings = Read([("Queue:Address", "amqp://host")], out _).ForWork();
        Assert.Empty(settings.Listen);
        Assert.False(settings.Queue.Hold);
        Assert.False(Read([], out _).ForServe().Queue.Hold);
    }

    private static ServeSettings Read((string Key, string Value)[] values, out IReadOnlyList<string> errors) => ServeSettings.Read(
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(static pair => KeyValuePair.Create<string, string?>(pair.Key, pair.Value))).Build(), out errors);
}
