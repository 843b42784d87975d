using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SlimtaFast.TestKit.Http;

/// <summary>The server's end of a connection, octet by octet, so that a test can break HTTP wherever it likes.</summary>
public sealed class RawHttpConnection(Socket socket) : IDisposable
{
    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where the client comes from.</summary>
    public EndPoint? RemoteEndPoint { get; } = socket.RemoteEndPoint;

    /// <summary>Reads the head of the next request; null where the client is gone.</summary>
    public async Task<RawHttpRequest?> ReadHeadAsync()
    {
        var head = new List<byte>();
        byte[] one = new byte[1];
        while (await ReadAsync(one) == 1)
        {
            head.Add(one[0]);
            if (head.Count >= 4 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n' && head[^4] == '\r')
                return new RawHttpRequest(Encoding.UTF8.GetString([.. head.SkipLast(4)]));
        }

        return null;
    }

    /// <summary>Reads so many octets of the body.</summary>
    public async Task<byte[]> ReadBodyAsync(long octets)
    {
        byte[] body = new byte[octets];
        await _stream.ReadExactlyAsync(body);
        return body;
    }

    /// <summary>Reads a whole request; null where the client is gone.</summary>
    public async Task<(RawHttpRequest Head, byte[] Body)?> ReadRequestAsync()
    {
        RawHttpRequest? head = await ReadHeadAsync();
        return head is null ? null : (head, await ReadBodyAsync(head.ContentLength));
    }

    /// <summary>Sends text in UTF-8.</summary>
    public async Task SendAsync(string text) => await _stream.WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Waits until the client closes or breaks the connection.</summary>
    public async Task WaitForEndAsync()
    {
        byte[] rest = new byte[4096];
        while (await ReadAsync(rest) > 0)
        {
            // What still comes does not matter.
        }
    }

    /// <summary>Does nothing, not even read, until the server is disposed.</summary>
    public Task StallAsync() => _disposed.Task;

    /// <summary>Breaks the connection with a reset.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        _stream.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed.TrySetResult();
        _stream.Dispose();
    }

    private async Task<int> ReadAsync(byte[] buffer)
    {
        try
        {
            return await _stream.ReadAsync(buffer);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            return 0;
        }
    }
}
