using FsCheck.Xunit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Edge;
using SlimtaFast.Protocol;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Storage.Aws;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.OpenStack;

namespace SlimtaFast.Server.Tests.Configuration;

public sealed class AddressTests
{
    [Theory]
    [InlineData("127.0.0.1:2525", "127.0.0.1:2525")]
    [InlineData("smtp://127.0.0.1:2525", "127.0.0.1:2525")]
    [InlineData("smtps://127.0.0.1:465", "127.0.0.1:465")]
    [InlineData("[::1]:25", "[::1]:25")]
    [InlineData("*:25", "0.0.0.0:25")]
    [InlineData(":0", "0.0.0.0:0")]
    [InlineData("localhost:2525", "127.0.0.1:2525")]
    public void Listen_address_is_read(string text, string endPoint) => Assert.Equal(endPoint, ListenAddress.ParseMail(text).EndPoint.ToString());

    [Theory]
    [InlineData("2525")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:99999")]
    [InlineData("::1:25")]
    [InlineData("example.org:25")]
    [InlineData("gopher://127.0.0.1:70")]
    [InlineData("lmtp+unix:")]
    [InlineData("lmtp+unix:/run/lmtp/")]
    [InlineData("lmtp+unix:/run/lmtp?mode=888")]
    [InlineData("lmtp+unix:/run/lmtp?mode=")]
    [InlineData("lmtp+unix:/run/lmtp?mode=1777")]
    [InlineData("lmtp+unix:/run/lmtp?owner=me")]
    [InlineData("lmtp://127.0.0.1")]
    public void Listen_address_without_sense_is_refused(string text) => Assert.Throws<FormatException>(() => ListenAddress.ParseMail(text));

    [Theory]
    [InlineData("http://127.0.0.1:8025", "/*", false)]
    [InlineData("http://127.0.0.1:8025/", "/*", false)]
    [InlineData("https://127.0.0.1:8025/mail", "/mail", true)]
    [InlineData("HTTP://127.0.0.1:8025/mail/*", "/mail/*", false)]
    public void Http_listens_on_a_path(string text, string path, bool isSecure)
    {
        ListenAddress address = ListenAddress.Parse(text);
        Assert.Null(address.Mail);
        Assert.Equal(("127.0.0.1:8025", path, isSecure), (address.Http!.EndPoint.ToString(), address.Http.Path, address.Http.IsSecure));
        Assert.Throws<FormatException>(() => ListenAddress.ParseMail(text));
    }

    [Theory]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://example.org:80/")]
    [InlineData("http://127.0.0.1:80/a*b")]
    [InlineData("http://127.0.0.1:80/mail?x=1")]
    [InlineData("http://127.0.0.1:80/mail#x")]
    public void Http_listener_without_sense_is_refused(string text) => Assert.Throws<FormatException>(() => ListenAddress.Parse(text));

    [Theory]
    [InlineData("http://10.0.0.5:8025/mail?tenant=7&connections=5", false)]
    [InlineData("https://mail.example/in", true)]
    public void Http_relay_keeps_its_query(string text, bool isSecure)
    {
        RelayAddress relay = RelayAddress.Parse(text);
        Assert.Equal((RelayKind.Http, text, isSecure, (int?)null), (relay.Kind, relay.Url!.AbsoluteUri, relay.ImplicitTls, relay.Connections));
    }

    [Theory]
    [InlineData("http:")]
    [InlineData("http:///mail")]
    [InlineData("https://user:secret@mail.example/")]
    [InlineData("http://mail.example/#top")]
    public void Http_relay_without_sense_is_refused_and_shows_no_secret(string text) =>
        Assert.DoesNotContain("secret", Assert.Throws<FormatException>(() => RelayAddress.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Lmtp_listens_on_tcp_and_on_a_socket()
    {
        EdgeListener tcp = ListenAddress.ParseMail("lmtp://127.0.0.1:24");
        EdgeListener socket = ListenAddress.ParseMail("lmtp+unix:/run/lmtp?mode=0660");
        Assert.True(tcp.Lmtp);
        Assert.True(socket.Lmtp);
        Assert.False(ListenAddress.ParseMail("127.0.0.1:24").Lmtp);
        Assert.True(ListenAddress.ParseMail("smtps://127.0.0.1:465").ImplicitTls);
        Assert.False(ListenAddress.ParseMail("smtp://127.0.0.1:465").ImplicitTls);
        Assert.Equal("/run/lmtp", socket.EndPoint.ToString());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, socket.SocketMode);
        Assert.Null(ListenAddress.ParseMail("lmtp+unix:lmtp").SocketMode);
    }

    [Fact]
    public void Lmtp_relay_goes_to_a_server_or_a_socket()
    {
        Assert.Equal(new RelayAddress(RelayKind.Lmtp, new HostPort("mail.example", 24)), RelayAddress.Parse("lmtp://mail.example"));
        Assert.Equal(new RelayAddress(RelayKind.Lmtp, Socket: "/run/lmtp", Connections: 5), RelayAddress.Parse("lmtp+unix:/run/lmtp?connections=5"));
        Assert.Equal(ProxyVersion.V2, RelayAddress.Parse("smtp://a.example?proxy-protocol=v2").ProxyProtocol);
    }

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

    [Theory]
    [InlineData("disk:spool", "spool")]
    [InlineData("disk:spool?tmp=/fast", "spool", "/fast")]
    [InlineData("disk:spool?env=e&meta=m&tmp=e", "spool", "e", "m")]
    [InlineData("memory:")]
    public void Every_folder_that_is_written_to_must_have_room(string text, params string[] folders) =>
        Assert.Equal(folders, StorageAddress.Parse(text).Directories);

    [Fact]
    public void Disk_storage_without_parameters_has_a_journal()
    {
        var address = Assert.IsType<DiskStorageAddress>(StorageAddress.Parse("disk:./spool"));
        Assert.Equal("./spool", address.Directory);
        Assert.True(address.Journal);
        Assert.Null(address.JournalSize);
    }

    [Fact]
    public void Storage_in_redis_is_read()
    {
        var plain = Assert.IsType<RedisStorageAddress>(StorageAddress.Parse("redis://127.0.0.1"));
        Assert.True(plain.IsShared);
        Assert.Equal(KeyValuePair.Create("127.0.0.1", 6379), Assert.Single(plain.Options.Servers));
        Assert.Equal("slimta:", plain.Options.Prefix);
        Assert.False(plain.Options.Tls);
        var full = Assert.IsType<RedisStorageAddress>(StorageAddress.Parse("rediss://one.test:26379,two.test/3?prefix=mail:&timeout=3s&sentinel=mq&replicas=1"));
        Assert.Equal([KeyValuePair.Create("one.test", 26379), KeyValuePair.Create("two.test", 6379)], full.Options.Servers);
        Assert.Equal((true, 3, "mail:", TimeSpan.FromSeconds(3), "mq", 1), (full.Options.Tls, full.Options.Database, full.Options.Prefix, full.Options.Timeout, full.Options.SentinelService, full.Options.Replicas));
        Assert.True(Assert.IsType<RedisStorageAddress>(StorageAddress.Parse("redis://one.test?cluster=on")).Options.Cluster);
        Assert.Equal(7, Assert.IsType<RedisStorageAddress>(StorageAddress.Parse("redis://one.test?lanes=7")).Options.Lanes);
    }

    [Fact]
    public void Storage_in_a_bucket_is_read()
    {
        var address = Assert.IsType<S3StorageAddress>(StorageAddress.Parse("s3://mail/queue%201?region=eu-central-1&endpoint=https://s3.example.org&path-style=off&queue=news&timeout=5s"));
        Assert.True(address.IsShared);
        Assert.Equal(("mail", "queue 1/", false, "news"), (address.Bucket.Bucket, address.Bucket.Prefix, address.Bucket.PathStyle, address.Queue.Name));
        Assert.Equal(("eu-central-1", new Uri("https://s3.example.org"), TimeSpan.FromSeconds(5)), (address.Bucket.Endpoint.Region, address.Bucket.Endpoint.ServiceUrl!, address.Bucket.Endpoint.Timeout));
    }

    [Fact]
    public void Storage_in_a_container_is_read()
    {
        var address = Assert.IsType<SwiftStorageAddress>(StorageAddress.Parse("swift://mail?auth=https://identity.example.org/v2.0&identity=rackspace&region=DFW&internal=on&queue=news&queue-version=v1"));
        Assert.False(address.IsShared);
        Assert.Equal(("mail", "slimta/"), (address.Container.Container, address.Container.Prefix));
        Assert.Equal((IdentityKind.Rackspace, "DFW", true), (address.Container.Cloud.Identity, address.Container.Cloud.Region, address.Container.Cloud.UseInternalAddresses));
        Assert.Equal(("", "news", "v1"), (address.Queue.Kind, address.Queue.Name, address.Queue.Version));
    }

    [Fact]
    public void Storage_at_rackspace_needs_no_more_than_its_container()
    {
        var address = Assert.IsType<SwiftStorageAddress>(StorageAddress.Parse("rackspace://mail/q?region=ORD&queue=news"));
        Assert.Equal(("mail", "q/", IdentityKind.Rackspace, "ORD"), (address.Container.Container, address.Container.Prefix, address.Container.Cloud.Identity, address.Container.Cloud.Region));
        Assert.Equal("identity.api.rackspacecloud.com", address.Container.Cloud.Endpoint.Host);
        Assert.Equal(("news", "v1"), (address.Queue.Name, address.Queue.Version));
    }

    [Theory]
    [InlineData("s3://mail?queue=news", typeof(SqsMessageQueue))]
    [InlineData("s3://mail?queue=zaqar:news&queue-endpoint=http://127.0.0.1:8888", typeof(ZaqarMessageQueue))]
    [InlineData("s3://mail?queue=zaqar:news&queue-auth=https://identity.example.org/v3&queue-region=R1", typeof(ZaqarMessageQueue))]
    [InlineData("swift://mail?auth=https://identity.example.org/v3&queue=news", typeof(ZaqarMessageQueue))]
    [InlineData("swift://mail?auth=https://identity.example.org/v3&queue=sqs:news&queue-region=eu-central-1", typeof(SqsMessageQueue))]
    [InlineData("swift://mail?auth=https://identity.example.org/v3", null)]
    public async Task Any_queue_stands_beside_any_objects(string text, Type? kind)
    {
        CloudQueueAddress queue = StorageAddress.Parse(text) switch { S3StorageAddress s3 => s3.Queue, SwiftStorageAddress swift => swift.Queue, _ => new CloudQueueAddress() };
        OpenStackOptions? cloud = (StorageAddress.Parse(text) as SwiftStorageAddress)?.Container.Cloud;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["OpenStack:UserName"] = "user", ["OpenStack:Secret"] = "secret" }).Build();
        CloudSecrets secrets = ServeSettings.Read(configuration, out _).CloudSecrets;
        await using IMessageQueue? opened = queue.Open(cloud is null ? "sqs" : "zaqar", cloud is null ? new AwsEndpoint() : null, cloud, secrets, TimeProvider.System, NullLoggerFactory.Instance);
        Assert.Equal(kind, opened?.GetType());
    }

    [Fact]
    public void Queue_of_zaqar_beside_a_bucket_needs_an_address() =>
        Assert.Contains("queue-endpoint=URL", Assert.Throws<UsageException>(() => ((S3StorageAddress)StorageAddress.Parse("s3://mail?queue=zaqar:news")).Queue.Open("sqs", null, null, new CloudSecrets(), TimeProvider.System, NullLoggerFactory.Instance)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("disk:", "needs a folder")]
    [InlineData("disk:x?journal=maybe", "neither on nor off")]
    [InlineData("disk:x?speed=fast", "knows no parameter 'speed'")]
    [InlineData("disk:x?journal", "not name=value")]
    [InlineData("disk:x?journal-size=big", "journal-size=big")]
    [InlineData("memory:x", "takes no address")]
    [InlineData("redis:x", "redis://HOST:PORT/DATABASE")]
    [InlineData("redis://user:secret@host", "Redis:PasswordFile")]
    [InlineData("redis://host/one", "number of a database")]
    [InlineData("redis://host?colour=red", "has no parameter 'colour'")]
    [InlineData("redis://host?timeout=1ms", "not a time")]
    [InlineData("redis://host?prefix={x}", "without braces")]
    [InlineData("redis://host?cluster=perhaps", "neither on nor off")]
    [InlineData("redis://host/1?cluster=on", "one database")]
    [InlineData("redis://host?replicas=some", "number of replicas")]
    [InlineData("s3://", "s3://NAME")]
    [InlineData("s3:bucket", "s3://BUCKET/PREFIX")]
    [InlineData("s3://key@bucket", "do not belong into the address")]
    [InlineData("s3://bucket?speed=fast", "no parameter 'speed'")]
    [InlineData("s3://bucket?endpoint=ftp://x", "no http or https address")]
    [InlineData("s3://bucket?queue=kafka:x", "sqs:NAME or zaqar:NAME")]
    [InlineData("swift://mail", "auth=URL is needed")]
    [InlineData("swift://mail?auth=http://x&identity=me", "none of keystone, rackspace and tempauth")]
    [InlineData("swift://mail?auth=http://x&queue-version=v3", "queue-version")]
    [InlineData("./spool", "use disk:DIRECTORY, redis://HOST")]
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
    [InlineData("lmtp+unix:", "not the path")]
    [InlineData("pipe:/bin/cat {nobody}", "no macro {nobody}")]
    [InlineData("pipe:'/bin/cat", "not closed")]
    [InlineData("maildrop:bin", "absolute path")]
    [InlineData("maildrop:?connections=3", "processes")]
    [InlineData("dovecot-lda:?processes=0", "from 1 to")]
    [InlineData("mx:?proxy-protocol=v1", "knows no parameter 'proxy-protocol'")]
    [InlineData("smtp://127.0.0.1?proxy-protocol=v3", "neither v1 nor v2")]
    [InlineData("mx:x", "nothing may follow mx:")]
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
            t => ListenAddress.ParseMail(t), t => StorageAddress.Parse(t), t => RelayAddress.Parse(t), t => TrustedNetwork.Parse(t),
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
