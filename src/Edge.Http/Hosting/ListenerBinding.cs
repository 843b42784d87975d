using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using SlimtaFast.Edge.Http.Connections;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport.Tls;

namespace SlimtaFast.Edge.Http.Hosting;

/// <summary>Binds the listeners: admission first, then TLS, then HTTP/1.1. Knows the real end points afterwards.</summary>
internal sealed class ListenerBinding(HttpEdgeOptions options, SmtpEdge beside) : IDisposable
{
    private readonly List<ListenOptions> _bound = [];
    private readonly CancellationTokenSource _abandoned = new();

    /// <summary>The end points in use.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _bound.Select(b => b.IPEndPoint!)];

    /// <summary>Fires when a stop waits no longer for requests that run.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>Waits no longer.</summary>
    public void Abandon() => _abandoned.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _abandoned.Dispose();

    /// <summary>Adds the listeners to a server.</summary>
    public void Bind(KestrelServerOptions server)
    {
        foreach (HttpEdgeListener listener in options.Listen)
            server.Listen(listener.EndPoint, listening => Configure(listening, listener));
    }

    private void Configure(ListenOptions listening, HttpEdgeListener listener)
    {
        _bound.Add(listening);
        listening.Protocols = HttpProtocols.Http1;
        var gate = new ConnectionGate(beside, listener);
        listening.Use(next => connection => gate.ServeAsync(connection, next));
        if (!listener.IsSecure)
            return;
        SmtpServerOptions session = beside.Resources.Session;
        TlsServerSettings tls = session.Tls!;
        listening.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = session.HandshakeTimeout,
            OnConnection = hello => ValueTask.FromResult<SslServerAuthenticationOptions>(tls.GetHttpOptions(hello.ClientHelloInfo.ServerName)),
        });
    }
}
