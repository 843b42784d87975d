using Microsoft.AspNetCore.Connections;
using SlimtaFast.Edge.Diagnostics;
using SlimtaFast.Edge.Sessions;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Http.Connections;

/// <summary>Lets connections in, or turns them away, by the limits that they share with those of SMTP. Thread-safe.</summary>
internal sealed class ConnectionGate(EdgeResources resources, HttpEdgeListener listener)
{
    private static readonly byte[] TooMany =
        "HTTP/1.1 503 Service Unavailable\r\nX-Smtp-Reply: 421; message=\"4.3.2 Too many connections, try again later\"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

    /// <summary>Serves a connection to its end.</summary>
    public async Task ServeAsync(ConnectionContext context, ConnectionDelegate next)
    {
        var connection = new HttpClientConnection(context) { Listener = listener };
        RefusalReason refusal = resources.Admission.TryEnter(connection, isProxy: false);
        if (refusal != RefusalReason.None)
        {
            await RefuseAsync(context, refusal);
            return;
        }

        resources.Metrics.ConnectionOpened();
        try
        {
            context.Features.Set(connection);
            await next(context);
        }
        finally
        {
            resources.Admission.Open.Leave(connection);
            resources.Metrics.ConnectionClosed();
        }
    }

    // A client that expects TLS could not read an answer in clear text.
    private async Task RefuseAsync(ConnectionContext context, RefusalReason why)
    {
        resources.Metrics.Refused(RefusedThing.Connection, why);
        resources.Log.ConnectionRefused(context.RemoteEndPoint, why);
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
