using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Tests.Transport;

/// <summary>What the transport tests share: plain sockets as peers, and sessions that report how they ended.</summary>
internal static class TransportFixture
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static IPEndPoint Loopback => new(IPAddress.Loopback, 0);

    /// <summary>A session that sends back what it reads, until the peer ends its side.</summary>
    public static async Task EchoAsync(Connection connection)
    {
        while (true)
        {
            ReadResult result = await connection.Input.ReadAsync();
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
            {
                connection.Output.Write(segment.Span);
            }

            await connection.Output.FlushAsync();
            connection.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    public static async Task<Socket> ConnectAsync(EndPoint endPoint)
    {
        var socket = endPoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endPoint).WaitAsync(Patience);
        return socket;
    }

    /// <summary>Receives exactly so many bytes.</summary>
    public static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        byte[] bytes = new byte[count];
        for (int received = 0; received < count;)
        {
            int n = await socket.ReceiveAsync(bytes.AsMemory(received)).AsTask().WaitAsync(Patience);
            Assert.NotEqual(0, n);
            received += n;
        }

        return bytes;
    }

    /// <summary>Receives until the peer's end.</summary>
    public static async Task<byte[]> ReceiveAllAsync(Socket socket)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            int n = await socket.ReceiveAsync(buffer.AsMemory()).AsTask().WaitAsync(Patience);
            if (n == 0)
            {
                return all.ToArray();
            }

            all.Write(buffer, 0, n);
        }
    }

    /// <summary>Reads exactly so many bytes from a connection.</summary>
    public static async Task<byte[]> ReadAsync(Connection connection, int count)
    {
        while (true)
        {
            ReadResult result = await connection.Input.ReadAsync();
            if (result.Buffer.Length >= count)
            {
                byte[] bytes = result.Buffer.Slice(0, count).ToArray();
                connection.Input.AdvanceTo(result.Buffer.GetPosition(count));
                return bytes;
            }

            Assert.False(result.IsCompleted, "the stream ended early");
            connection.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    public static async Task WriteAsync(Connection connection, ReadOnlyMemory<byte> bytes)
    {
        connection.Output.Write(bytes.Span);
        await connection.Output.FlushAsync();
    }

    public static byte[] Pattern(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
