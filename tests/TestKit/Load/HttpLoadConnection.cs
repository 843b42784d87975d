using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SlimtaFast.TestKit.Load;

/// <summary>One client connection of a load by HTTP.</summary>
internal sealed class HttpLoadConnection : ILoadConnection
{
    private const int Chunk = 1000;

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;
    private bool _inChunks;

    private HttpLoadConnection(TcpClient client)
    {
        _client = client;
        _client.NoDelay = true;
        _stream = client.GetStream();
        _reader = new StreamReader(_stream, Encoding.Latin1);
    }

    /// <summary>Connects.</summary>
    public static async Task<ILoadConnection> OpenAsync(IPEndPoint server)
    {
        var client = new TcpClient();
        try
        {
            await client.ConnectAsync(server);
            return new HttpLoadConnection(client);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task SendAsync(LoadMessage message)
    {
        byte[] octets = LoadMessage.Octets(message.Token)!;
        _inChunks = !_inChunks;
        var head = new StringBuilder("POST /mail HTTP/1.1\r\nHost: load.test\r\nContent-Type: message/rfc822\r\nX-Ehlo: load.test\r\n");
        head.Append(CultureInfo.InvariantCulture, $"X-Envelope-Sender: {Encode("load@load.test")}\r\n");
        foreach (string recipient in message.Recipients)
            head.Append(CultureInfo.InvariantCulture, $"X-Envelope-Recipient: {Encode(recipient)}\r\n");
        head.Append(_inChunks ? "Transfer-Encoding: chunked\r\n\r\n" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {octets.Length}\r\n\r\n"));
        await _stream.WriteAsync(Encoding.ASCII.GetBytes(head.ToString()));
        await _stream.WriteAsync(_inChunks ? Cut(octets) : octets);

        string status = await ReadLineAsync();
        for (string line = await ReadLineAsync(); line.Length > 0; line = await ReadLineAsync())
        {
            if (line.StartsWith("X-Smtp-Reply: ", StringComparison.OrdinalIgnoreCase))
                message.Reply = line;
        }

        message.Outcome = status.StartsWith("HTTP/1.1 204 ", StringComparison.Ordinal) ? LoadOutcome.Accepted : LoadOutcome.Refused;
    }

    /// <summary>Does nothing: HTTP has no farewell.</summary>
    public Task QuitAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static string Encode(string address) => Convert.ToBase64String(Encoding.UTF8.GetBytes(address));

    private static byte[] Cut(byte[] octets)
    {
        using var chunks = new MemoryStream(octets.Length + 1000);
        foreach (byte[] chunk in octets.Chunk(Chunk))
        {
            chunks.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{chunk.Length:x}\r\n")));
            chunks.Write(chunk);
            chunks.Write("\r\n"u8);
        }

        chunks.Write("0\r\n\r\n"u8);
        return chunks.ToArray();
    }

    private async Task<string> ReadLineAsync() => await _reader.ReadLineAsync() ?? throw new IOException("The server closed the connection.");
}
