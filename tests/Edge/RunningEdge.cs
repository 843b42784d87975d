using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge.Tests;

/// <summary>An edge on a free port with the real transport.</summary>
internal sealed class RunningEdge : IAsyncDisposable
{
    private readonly ITransport _transport;

    public RunningEdge(
        IMailQueue queue,
        SmtpEdgeOptions? options = null,
        TimeProvider? time = null,
        ILoggerFactory? loggers = null,
        EdgeListener? listener = null,
        IMeterFactory? meters = null,
        IMailEventSink? events = null)
    {
        _transport = Transports.Create(new TransportOptions { Reactors = 1 }, TimeProvider.System);
        Edge = new SmtpEdge(queue, _transport, (options ?? new SmtpEdgeOptions()) with { Listen = [listener ?? new IPEndPoint(IPAddress.Loopback, 0)] }, time, loggers, meters, events);
        Edge.Start();
    }

    public SmtpEdge Edge { get; }

    public IPEndPoint EndPoint => (IPEndPoint)Edge.EndPoints[0];

    /// <summary>Options under which clients from 127.0.0.2 on are strangers: only 127.0.0.1 may relay.</summary>
    public static SmtpEdgeOptions ForStrangers { get; } = new()
    {
        Trust = [IPNetwork.Parse("127.0.0.1/32")],
        AcceptDomains = ["mine.test"],
    };

    /// <summary>Connects, from a loopback address of one's own.</summary>
    public async Task<TestClient> ConnectAsync(string from = "127.0.0.1")
    {
        var client = new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0));
        await client.ConnectAsync(EndPoint);
        return new TestClient(client);
    }

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await _transport.DisposeAsync();
    }
}
