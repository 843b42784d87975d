using System.Net;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.MailAuth;
using SlimtaFast.Queue;
using SlimtaFast.Relay;
using SlimtaFast.Storage;
using SlimtaFast.TestKit.Dns;

namespace SlimtaFast.Edge.Tests.Results;

/// <summary>The whole way: a client, the check, the queue's policies, and what comes out at the next hop.</summary>
public sealed class AuthenticationResultsPoliciesTests
{
    private const string Message =
        "Authentication-Results: mx.mine.test; spf=pass smtp.mailfrom=ceo@bank.test\r\n"
        + "authentication-results:\r\n (x) MX.mine.test;\r\n dkim=pass\r\n"
        + "Authentication-Results: other.test; spf=pass\r\n"
        + "Received-SPF: pass (mx.mine.test: all is well) receiver=mx.mine.test\r\n"
        + "Received-SPF: pass (other.test: all is well) receiver=other.test\r\n"
        + "Subject: hello\r\n\r\nAuthentication-Results: mx.mine.test; spf=pass\r\n";

    [Fact]
    public async Task Forged_fields_go_and_ours_stand_on_top()
    {
        string[] fields = await DeliverAsync("127.0.0.2", Message);
        Assert.Equal(
            [
                "Authentication-Results: mx.mine.test; spf=none smtp.helo=client.test; spf=softfail smtp.mailfrom=a@soft.test",
                "Received-SPF: softfail",
                "Received-SPF: none",
                "Received: from",
                "Authentication-Results: other.test; spf=pass",
                "Received-SPF: pass (other.test: all is well) receiver=other.test",
                "Subject: hello",
            ],
            fields.Where(static field => !field.StartsWith("Message-ID", StringComparison.Ordinal) && !field.StartsWith("Date", StringComparison.Ordinal))
                .Select(static field => field.StartsWith("Received-SPF: pass", StringComparison.Ordinal) || !field.StartsWith("Received", StringComparison.Ordinal) ? field : string.Join(' ', field.Split(' ')[..2])));
    }

    [Fact]
    public async Task Trusted_client_keeps_its_fields()
    {
        string[] fields = await DeliverAsync("127.0.0.1", Message);
        Assert.Equal(3, fields.Count(static field => field.StartsWith("authentication-results", StringComparison.OrdinalIgnoreCase)));
        Assert.Equal(2, fields.Count(static field => field.StartsWith("Received-SPF", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Message_without_a_header_section_gets_one()
    {
        string[] fields = await DeliverAsync("127.0.0.2", "just text\r\n");
        Assert.StartsWith("Authentication-Results: mx.mine.test; ", fields[0], StringComparison.Ordinal);
        Assert.DoesNotContain(fields, static field => field.Contains("just text", StringComparison.Ordinal));
    }

    // The unfolded fields of the header section, as they come out.
    private static async Task<string[]> DeliverAsync(string client, string message)
    {
        FakeResolver dns = new FakeResolver().Txt("soft.test", "v=spf1 ~all");
        var check = new SpfCheck(new SpfEvaluator(dns), new SpfCheckOptions { ServerId = "mx.mine.test" });
        var relay = new KeepingRelay();
        await using var server = new MailServer(new MemoryStorage(), _ => relay, new MailServerOptions
        {
            HostName = "mx.mine.test",
            Edge = RunningEdge.ForStrangers with { Listen = [new IPEndPoint(IPAddress.Loopback, 0)], Hooks = [check] },
            Policies = AuthenticationResultsPolicies.Around(QueuePolicies.Standard("mx.mine.test"), "mx.mine.test", [IPNetwork.Parse("127.0.0.1/32")]),
        });
        await server.StartAsync();
        var socket = new System.Net.Sockets.TcpClient(new IPEndPoint(IPAddress.Parse(client), 0));
        await socket.ConnectAsync((IPEndPoint)server.EndPoints[0]);
        using var dialogue = new TestClient(socket);
        await dialogue.HelloAsync();
        foreach (string line in (string[])["MAIL FROM:<a@soft.test>", "RCPT TO:<b@mine.test>", "DATA"])
            Assert.Matches("^[23]", await dialogue.AskAsync(line));
        Assert.StartsWith("250", await dialogue.AskAsync(message + "."), StringComparison.Ordinal);
        string arrived = await relay.Arrived.Task.WaitAsync(TimeSpan.FromSeconds(10));
        string section = arrived[..arrived.IndexOf("\r\n\r\n", StringComparison.Ordinal)];
        return section.Replace("\r\n ", " ", StringComparison.Ordinal).Split("\r\n");
    }

    private sealed class KeepingRelay : IRelay
    {
        public TaskCompletionSource<string> Arrived { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string GetNextHop(string domain) => domain;

        public async ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken)
        {
            using var reader = new StreamReader(envelope.OpenStream(), Encoding.Latin1);
            Arrived.TrySetResult(await reader.ReadToEndAsync(cancellationToken));
            return DeliveryReport.ForAll(attempt.Recipients.Count, new RecipientOutcome(OutcomeKind.Delivered, new SmtpReply(250, "2.0.0", "Ok")));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
