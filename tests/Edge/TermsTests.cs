using System.Net;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Tests;

/// <summary>Who may ask what of the delivery in time.</summary>
public sealed class TermsTests
{
    private static readonly SmtpEdgeOptions Options = new()
    {
        Trust = [new IPNetwork(IPAddress.Parse("127.0.0.1"), 32)],
        AcceptDomains = ["other.test"],
        Session = new SmtpServerOptions { FutureRelease = TimeSpan.FromDays(1) },
    };

    [Theory]
    [InlineData("127.0.0.1", "MT-PRIORITY=7", "250 2.1.0 Ok", 7)]
    [InlineData("127.0.0.2", "MT-PRIORITY=7", "250 2.3.6 0 is the new priority assigned to the message", 0)]
    [InlineData("127.0.0.2", "MT-PRIORITY=-7", "250 2.1.0 Ok", -7)]
    [InlineData("127.0.0.2", "MT-PRIORITY=7 BY=60;N", "250 2.3.6 0 is the new priority assigned to the message", 0)]
    public async Task Only_trusted_clients_may_raise_the_priority(string client, string parameters, string answer, int priority)
    {
        Envelope envelope = await SendAsync(client, parameters, answer);

        Assert.Equal(priority, envelope.Terms?.Priority ?? 0);
        Assert.Equal(parameters.Contains("BY", StringComparison.Ordinal), envelope.Terms?.By is not null);
    }

    [Fact]
    public async Task Trusted_clients_may_have_messages_held()
    {
        DateTimeOffset before = DateTimeOffset.UtcNow;
        Envelope envelope = await SendAsync("127.0.0.1", "HOLDFOR=3600", "250 2.1.0 Ok");

        Assert.InRange(envelope.Terms!.HoldUntil!.Value, before.AddHours(1), before.AddHours(1.1));
        Assert.Equal(envelope.Terms.HoldUntil, envelope.ReleasedAt);
    }

    [Fact]
    public async Task Others_are_not_offered_it()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, Options);
        using TestClient client = await edge.ConnectAsync("127.0.0.2");
        await client.HelloAsync();
        Assert.Equal("555 5.5.4 Parameter not recognized", await client.AskAsync("MAIL FROM:<a@client.test> HOLDFOR=3600"));
    }

    [Fact]
    public async Task Message_without_terms_has_none()
    {
        Assert.Null((await SendAsync("127.0.0.1", "SIZE=1", "250 2.1.0 Ok")).Terms);
        Assert.Null((await SendAsync("127.0.0.1", "MT-PRIORITY=0", "250 2.1.0 Ok")).Terms);
    }

    private static async Task<Envelope> SendAsync(string from, string parameters, string answer)
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, Options);
        using TestClient client = await edge.ConnectAsync(from);
        await client.HelloAsync();
        Assert.Equal(answer, await client.AskAsync("MAIL FROM:<a@client.test> " + parameters));
        Assert.StartsWith("250", await client.AskAsync("RCPT TO:<b@other.test>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await client.AskAsync("DATA"), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.AskAsync("Subject: x\r\n."), StringComparison.Ordinal);
        return Assert.Single(queue.Messages).Envelope;
    }
}
