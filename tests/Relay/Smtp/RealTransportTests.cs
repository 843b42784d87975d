using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Smtp;

namespace SlimtaFast.Relay.Tests.Smtp;

public sealed class RealTransportTests : IAsyncDisposable
{
    private readonly ITransport _transport = Transports.Create(new TransportOptions { Reactors = 2 }, TimeProvider.System);

    public ValueTask DisposeAsync() => _transport.DisposeAsync();

    [Theory]
    [InlineData("PIPELINING", "CHUNKING", "8BITMIME")]
    [InlineData("PIPELINING")]
    [InlineData("8BITMIME")]
    public async Task Attempt_many_messages_at_once_over_sockets_all_arrive(params string[] extensions)
    {
        var server = new ScriptedServer { Extensions = extensions };
        await using IListener listener = server.Listen(_transport, new IPEndPoint(IPAddress.Loopback, 0));
        await using StaticSmtpRelay relay = Make(listener);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async sender =>
        {
            for (int i = 0; i < 25; i++)
            {
                MessageContent content = Contents.InMemory($"Subject: {sender}-{i}\r\n\r\n.\r\n{new string('x', i * 100)}\r\n");
                DeliveryReport report = await SendAsync(relay, content);
                Assert.Equal(OutcomeKind.Delivered, report.Outcomes[0].Kind);
                content.Release();
            }
        }));
        Assert.Equal(200, server.Messages.Select(static message => message.Text).Distinct().Count());
        Assert.InRange(server.Connections.Count, 1, 8);
    }

    [Fact]
    public async Task Attempt_server_closes_after_each_message_is_no_failure()
    {
        var server = new ScriptedServer { Extensions = ["PIPELINING"] }.On("DOT", "250 2.0.0 Ok" + ScriptedServer.Close);
        await using IListener listener = server.Listen(_transport, new IPEndPoint(IPAddress.Loopback, 0));
        await using StaticSmtpRelay relay = Make(listener);
        for (int i = 0; i < 20; i++)
            Assert.Equal(OutcomeKind.Delivered, (await SendAsync(relay, Contents.InMemory())).Outcomes[0].Kind);
        Assert.Equal(20, server.Messages.Count);
    }

    [Theory]
    [InlineData("CHUNKING")]
    [InlineData("8BITMIME")]
    public async Task Attempt_large_streamed_message_over_sockets_arrives(string extension)
    {
        var server = new ScriptedServer { Extensions = [extension] };
        await using IListener listener = server.Listen(_transport, new IPEndPoint(IPAddress.Loopback, 0));
        await using StaticSmtpRelay relay = Make(listener);
        byte[] bytes = [.. Enumerable.Repeat("0123456789abcdefghijklmnopqrstuvwxyz\r\n"u8.ToArray(), 60_000).SelectMany(static line => line)];
        Assert.Equal(OutcomeKind.Delivered, (await SendAsync(relay, new StreamedContent(bytes))).Outcomes[0].Kind);
        Assert.Equal(bytes, server.Messages[0].Bytes);
    }

    [Fact]
    public async Task Attempt_nobody_listens_is_transient()
    {
        IListener listener = new ScriptedServer().Listen(_transport, new IPEndPoint(IPAddress.Loopback, 0));
        await using StaticSmtpRelay relay = Make(listener);
        await listener.DisposeAsync();
        DeliveryReport report = await SendAsync(relay, Contents.InMemory());
        Assert.StartsWith("451 4.4.1 ", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
        Assert.Equal(HopCondition.Down, report.Hop);
    }

    private static async Task<DeliveryReport> SendAsync(StaticSmtpRelay relay, MessageContent content)
    {
        Envelope envelope = Envelopes.Make(content);
        return await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), CancellationToken.None);
    }

    private StaticSmtpRelay Make(IListener listener) => new(
        _transport, "127.0.0.1", ((IPEndPoint)listener.LocalEndPoint).Port, new SmtpRelayOptions(), null, TimeProvider.System, NullLogger<StaticSmtpRelay>.Instance);
}
