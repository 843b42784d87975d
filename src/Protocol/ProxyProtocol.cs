using System.IO.Pipelines;
using System.Net.Sockets;
using SlimtaFast.Protocol.Proxy;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol;

/// <summary>Reads the header of the PROXY protocol from the start of a connection. Thread-safe.</summary>
public static class ProxyProtocol
{
    /// <summary>
    /// Reads a header of either version, or finds that there is none. Exactly the header's octets are consumed; what follows (a command or
    /// a TLS handshake) stays in <see cref="Connection.Input"/>. Afterwards the connection has no deadline. Read a header only from peers
    /// that are known as proxies: whoever may send one may name any client.
    /// </summary>
    /// <param name="connection">The connection, of which nothing was read yet.</param>
    /// <param name="timeout">How long the whole header may take.</param>
    public static async ValueTask<(ProxyReadStatus Status, ProxyHeader? Header)> ReadAsync(Connection connection, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(connection);
        connection.SetDeadline(timeout);
        try
        {
            return await ReadAsync(connection.Input, CancellationToken.None);
        }
        finally
        {
            connection.SetDeadline(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The same for the input of a connection that somebody else made.</summary>
    /// <param name="input">What the peer sends, of which nothing was read yet. Its <see cref="TimeoutException"/> ends the time as well.</param>
    /// <param name="deadline">Fires when the whole header should have come.</param>
    public static async ValueTask<(ProxyReadStatus Status, ProxyHeader? Header)> ReadAsync(PipeReader input, CancellationToken deadline)
    {
        ArgumentNullException.ThrowIfNull(input);
        bool hasSome = false;
        try
        {
            while (true)
            {
                ReadResult read = await input.ReadAsync(deadline);
                hasSome = !read.Buffer.IsEmpty;
                ProxyParseStatus status = ProxyHeaderParser.Parse(read.Buffer, out ProxyHeader? header, out int length);
                bool waits = status == ProxyParseStatus.NeedMore && !read.IsCompleted;
                input.AdvanceTo(read.Buffer.GetPosition(length), waits ? read.Buffer.End : read.Buffer.GetPosition(length));
                switch (status)
                {
                    case ProxyParseStatus.Done:
                        return (ProxyReadStatus.Header, header);
                    case ProxyParseStatus.NotProxy:
                        return (ProxyReadStatus.Other, null);
                    case ProxyParseStatus.Malformed:
                        return (ProxyReadStatus.Malformed, null);
                    case ProxyParseStatus.NeedMore when !waits:
                        return (hasSome ? ProxyReadStatus.Incomplete : ProxyReadStatus.Closed, null);
                    default:
                        break;
                }
            }
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            return (hasSome ? ProxyReadStatus.Incomplete : ProxyReadStatus.Silence, null);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            return (ProxyReadStatus.Closed, null);
        }
    }
}
