using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Connections;
using SlimtaFast.TestKit.Smtp;

namespace SlimtaFast.Relay.Tests.Smtp;

/// <summary>A static relay on a network in memory, with a scripted server as its next hop.</summary>
internal sealed class RelayFixture : IAsyncDisposable
{
    public static readonly IPEndPoint EndPoint = new(IPAddress.Parse("192.0.2.1"), 2525);

    public RelayFixture(ScriptedServer? server = null, SmtpRelayOptions? options = null)
    {
        Network = new MemoryTransport(Time);
        if (server is not null)
            server.Listen(Network, EndPoint);
        Relay = new StaticSmtpRelay(Network, "192.0.2.1", 2525, options ?? new SmtpRelayOptions(), null, Time, NullLogger<StaticSmtpRelay>.Instance);
    }

    public FakeTimeProvider Time { get; } = new();

    public MemoryTransport Network { get; }

    public StaticSmtpRelay Relay { get; }

    public Task<DeliveryReport> SendAsync(string text = Contents.Text, Func<Envelope, Envelope>? change = null, params string[] to) =>
        SendAsync(CancellationToken.None, text, change, to);

    public async Task<DeliveryReport> SendAsync(CancellationToken cancellationToken, string text = Contents.Text, Func<Envelope, Envelope>? change = null, params string[] to)
    {
        MessageContent content = Contents.InMemory(text);
        Envelope envelope = Envelopes.Make(content, to: to);
        envelope = change?.Invoke(envelope) ?? envelope;
        DeliveryReport report = await Relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), cancellationToken);
        content.Release();
        return report;
    }

    public ValueTask DisposeAsync() => Relay.DisposeAsync();
}
