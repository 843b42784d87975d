using System.Net;
using Microsoft.AspNetCore.Connections;
using SlimtaFast.Edge.Sessions;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Http.Connections;

/// <summary>
/// Lets connections in, or turns them away, by the limits that they share with those of SMTP. From a proxy a header of the PROXY protocol
/// comes first of all, before TLS. Thread-safe.
/// </summary>
internal sealed class ConnectionGate(SmtpEdge edge, HttpEdgeListener listener)
{
    private static readonly byte[] TooMany =
        "HTTP/1.1 503 Service Unavailable\r\nX-Smtp-Reply: 421; message=\"4.3.2 Too many connections, try again later\"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

    /// <summary>Serves a connection to its end.</summary>
    public async Task ServeAsync(ConnectionContext context, ConnectionDelegate next)
    {
        var connection = new HttpClientConnection(context) { Listener = listener };
        EdgeResources resources = edge.Resources;
        bool isProxy = resources.Proxies.IsProxy(context.RemoteEndPoint);
        RefusalReason refusal = resources.Admission.TryEnter(connection, isProxy);
        if (refusal != RefusalReason.None)
        {
            await RefuseAsync(resources, context, connection, refusal);
            return;
        }

        try
        {
            if (!isProxy || await TakeOverAsync(resources, context, connection))
                await RunAsync(resources, context, connection, next);
        }
        finally
        {
            resources.Admission.Open.Leave(connection);
        }
    }

    private static async Task RunAsync(EdgeResources resources, ConnectionContext context, HttpClientConnection connection, ConnectionDelegate next)
    {
        resources.Metrics.ConnectionOpened();
        try
        {
            context.Features.Set(connection);
            await next(context);
        }
        finally
        {
            resources.Metrics.ConnectionClosed();
        }
    }

    // False where the connection is over.
    private async Task<bool> TakeOverAsync(EdgeResources resources, ConnectionContext context, HttpClientConnection connection)
    {
        ProxyReadStatus status;
        ProxyHeader? header;
        using (var deadline = new CancellationTokenSource(resources.Proxies.Timeout, resources.Time))
            (status, header) = await ProxyProtocol.ReadAsync(context.Transport.Input, deadline.Token);
        RefusalReason refusal = resources.Proxies.Judge(status);
        if (refusal != RefusalReason.None)
        {
            // Nobody knows what the peer speaks, so that there is no answer to give.
            resources.RefuseConnection(context.RemoteEndPoint, refusal);
            return false;
        }

        if (status == ProxyReadStatus.Closed)
            return false;
        if (header is not null)
        {
            connection.Proxy = header;
            resources.Metrics.ConnectionProxied(header.Version);
            resources.Log.Proxied(connection.RemoteEndPoint, connection.LocalEndPoint, context.RemoteEndPoint, header.Tls?.ToString() ?? "none");
        }

        refusal = resources.Admission.TryAssign(connection, (connection.RemoteEndPoint as IPEndPoint)?.Address);
        if (refusal == RefusalReason.None)
            return true;
        await RefuseAsync(resources, context, connection, refusal);
        return false;
    }

    // A client that expects TLS could not read an answer in clear text.
    private async Task RefuseAsync(EdgeResources resources, ConnectionContext context, HttpClientConnection connection, RefusalReason why)
    {
        resources.RefuseConnection(connection.RemoteEndPoint, why);
        if (listener.IsSecure)
        {
            context.Abort();
            return;
        }

        try
        {
            await context.Transport.Output.WriteAsync(TooMany, context.ConnectionClosed);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The client did not wait for the answer: there is nobody left to tell.
        }
    }
}
