using System.Net;
using System.Security.Cryptography.X509Certificates;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.RabbitMq;
using SlimtaFast.TestKit.Tiers;
using SlimtaFast.TestKit.Tls;
using Xunit.Abstractions;

namespace SlimtaFast.Queue.RabbitMq.Tests.Processes;

/// <summary>A real broker that speaks TLS only and asks for certificates, with a virtual host and a user of its own.</summary>
public sealed class BrokerTlsTests(ITestOutputHelper output) : IDisposable
{
    private const string Host = "mail/out", User = "mailer", Password = "a pass:word/";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly TestCertificates _certificates = new();
    private readonly TemporaryFolder _folder = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Dispose();
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Mail_goes_through_a_virtual_host_by_TLS_with_certificates_on_both_sides()
    {
        await using BrokerUnderTest queue = await StartAsync();
        (int code, string text) = await queue.RunAsync("check", "--connect");
        Assert.True(code == 0, text);
        (RunningProgram edge, IPEndPoint endPoint) = await queue.StartEdgeAsync();
        await using RunningProgram owned = edge;
        await using RunningProgram worker = await queue.StartWorkerAsync();
        await using (SmtpLoad load = SmtpLoad.Start(endPoint, connections: 4, seed: 3, static random => random.Next(100, 60_000)))
        {
            await load.WaitAsync(static l => l.Accepted >= 100, Limit);
            await load.StopAsync();
            queue.Remember(load);
        }

        await queue.AssertAllArriveAsync("by TLS", mostRepeated: 0);
        string queues = await queue.Broker.Nodes[0].ControlAsync("list_queues", "-p", Host, "--no-table-headers", "name");
        Assert.Contains("slimtafast.1.work.0", queues, StringComparison.Ordinal);
        Assert.Empty(await queue.Broker.Nodes[0].ControlAsync("list_queues", "--no-table-headers", "name"));
        Assert.Equal(0, await worker.StopAsync());
        Assert.Equal(0, await edge.StopAsync());
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task What_is_wrong_with_certificates_is_told_and_nothing_is_sent()
    {
        await using BrokerUnderTest queue = await StartAsync();

        // An authority that nobody named: the system's do not vouch for the broker.
        queue.More.Remove("SLIMTAFAST__Broker__TlsAuthorities");
        Assert.Contains("certificate", await CheckWrongAsync(queue), StringComparison.OrdinalIgnoreCase);

        // Another authority.
        using var others = new TestCertificates();
        File.WriteAllText(_folder["others.pem"], others.AuthorityPem);
        queue.More["SLIMTAFAST__Broker__TlsAuthorities"] = _folder["others.pem"];
        Assert.Contains("certificate", await CheckWrongAsync(queue), StringComparison.OrdinalIgnoreCase);

        // The right one, but no certificate of our own; and the right ones, but a name that the broker's certificate does not have.
        queue.More["SLIMTAFAST__Broker__TlsAuthorities"] = _folder["authority.pem"];
        queue.More.Remove("SLIMTAFAST__Broker__TlsCertificate");
        await CheckWrongAsync(queue);
        queue.More["SLIMTAFAST__Broker__TlsCertificate"] = _folder["client.pem"];
        string right = queue.Queue;
        queue.Queue = right.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        Assert.Contains("certificate", await CheckWrongAsync(queue), StringComparison.OrdinalIgnoreCase);
        queue.Queue = right;
        (int code, string text) = await queue.RunAsync("check", "--connect");
        Assert.True(code == 0, text);
    }

    private static async Task<string> CheckWrongAsync(BrokerUnderTest queue)
    {
        (int code, string text) = await queue.RunAsync("check", "--connect");
        Assert.Equal(1, code);
        Assert.Contains("WRONG", text, StringComparison.Ordinal);
        return text;
    }

    private async Task<BrokerUnderTest> StartAsync()
    {
        using X509Certificate2 server = _certificates.IssueRsa("127.0.0.1"), client = _certificates.Issue("worker.example");
        TestCertificates.WritePem(server, _folder["server.pem"]);
        TestCertificates.WritePem(client, _folder["client.pem"]);
        await File.WriteAllTextAsync(_folder["authority.pem"], _certificates.AuthorityPem);
        await File.WriteAllTextAsync(_folder["password"], Password);
        BrokerUnderTest queue = await BrokerUnderTest.StartAsync(output, more: $"""
            listeners.ssl.default = 127.0.0.1:0
            ssl_options.cacertfile = {_folder["authority.pem"]}
            ssl_options.certfile = {_folder["server.pem"]}
            ssl_options.keyfile = {_folder["server.pem"]}
            ssl_options.verify = verify_peer
            ssl_options.fail_if_no_peer_cert = true
            """);
        RabbitMqNode node = queue.Broker.Nodes[0];
        await node.ControlAsync("add_vhost", Host);
        await node.ControlAsync("add_user", User, Password);

        // No more than the documentation says that it takes.
        await node.ControlAsync("set_permissions", "-p", Host, User, "^slimtafast\\.", "^(slimtafast\\.|amq\\.default$)", "^slimtafast\\.");
        await node.ControlAsync("delete_user", "guest");
        queue.Queue = $"amqps://{queue.Broker.Authority}/{Uri.EscapeDataString(Host)}?timeout=10s";
        queue.More["SLIMTAFAST__Broker__UserName"] = User;
        queue.More["SLIMTAFAST__Broker__PasswordFile"] = _folder["password"];
        queue.More["SLIMTAFAST__Broker__TlsAuthorities"] = _folder["authority.pem"];
        queue.More["SLIMTAFAST__Broker__TlsCertificate"] = _folder["client.pem"];
        return queue;
    }
}
