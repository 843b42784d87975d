using System.Net;
using System.Net.Sockets;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.TestKit;

namespace SlimtaFast.Relay.Tests.Smtp;

/// <summary>A next hop that stands as if behind a proxy is sent a PROXY header before anything else.</summary>
public sealed class ProxyHeaderTests
{
    [Theory]
    [InlineData(ProxyVersion.V1)]
    [InlineData(ProxyVersion.V2)]
    public async Task Header_with_the_connections_own_addresses_comes_first(ProxyVersion version)
    {
        using var hop = new TcpListener(IPAddress.Loopback, 0);
        hop.Start();
        int port = ((IPEndPoint)hop.LocalEndpoint).Port;
        await using ITransport transport = Transports.Create(new TransportOptions { Reactors = 1 }, TimeProvider.System);
        await using var relay = new StaticSmtpRelay(transport, "127.0.0.1", port, new SmtpRelayOptions { ProxyProtocol = version });
        MessageContent content = Contents.InMemory();
        Envelope envelope = Envelopes.Make(content);
        Task<DeliveryReport> attempt = relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), CancellationToken.None).AsTask();

        using TcpClient accepted = await hop.AcceptTcpClientAsync();
        int clientPort = ((IPEndPoint)accepted.Client.RemoteEndPoint!).Port;
        byte[] expected = version == ProxyVersion.V1
            ? Encoding.ASCII.GetBytes($"PROXY TCP4 127.0.0.1 127.0.0.1 {clientPort} {port}\r\n")
            : [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x11, 0, 12, 127, 0, 0, 1, 127, 0, 0, 1, (byte)(clientPort >> 8), (byte)clientPort, (byte)(port >> 8), (byte)port];
        byte[] got = new byte[expected.Length];
        await accepted.GetStream().ReadExactlyAsync(got);
        Assert.Equal(expected, got);
        await accepted.GetStream().WriteAsync("554 5.7.1 No\r\n"u8.ToArray());
        Assert.Equal(OutcomeKind.Permanent, (await attempt).Outcomes[0].Kind);
        content.Release();
    }
}
