using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SlimtaFast.TestKit.Load;

/// <summary>One client connection of a load by SMTP.</summary>
internal sealed class LoadConnection : ILoadConnection
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;

    private LoadConnection(TcpClient client)
    {
        _client = client;
        _client.NoDelay = true;
        _stream = client.GetStream();
        _reader = new StreamReader(_stream, Encoding.Latin1);
    }

    /// <summary>Connects and says hello.</summary>
    public static async Task<ILoadConnection> OpenAsync(IPEndPoint server)
    {
        var client = new TcpClient();
        try
        {
            await client.ConnectAsync(server);
            var connection = new LoadConnection(client);
            await connection.ReadReplyAsync();
            await connection.WriteAsync("EHLO load.test\r\n");
            await connection.ReadReplyAsync();
            return connection;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Sends a message: all commands in one write, then the content; notes outcome and reply in it.</summary>
    public async Task SendAsync(LoadMessage message)
    {
        var commands = new StringBuilder("MAIL FROM:<load@load.test>\r\n");
        foreach (string recipient in message.Recipients)
            commands.Append("RCPT TO:<").Append(recipient).Append(">\r\n");
        commands.Append("DATA\r\n");
        await WriteAsync(commands.ToString());

        string? refusal = null;
        for (int i = 0; i <= message.Recipients.Count; i++)
        {
            string reply = await ReadReplyAsync();
            if (reply[0] != '2')
                refusal ??= reply;
        }

        string go = await ReadReplyAsync();
        if (go[0] == '3')
        {
            // After a refused recipient the transaction is ended without a message that would lack one.
            await WriteAsync(refusal is null ? Stuff(LoadMessage.Octets(message.Token)!) : ".\r\n"u8.ToArray());
            go = await ReadReplyAsync();
        }

        message.Reply = refusal ?? go;
        message.Outcome = refusal is null && go[0] == '2' ? LoadOutcome.Accepted : LoadOutcome.Refused;
        if (message.Outcome == LoadOutcome.Refused)
        {
            await WriteAsync("RSET\r\n");
            await ReadReplyAsync();
        }
    }

    /// <inheritdoc/>
    public async Task QuitAsync()
    {
        await WriteAsync("QUIT\r\n");
        await ReadReplyAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static byte[] Stuff(byte[] octets)
    {
        using var stuffed = new MemoryStream(octets.Length + 1000);
        for (int at = 0; at < octets.Length;)
        {
            int end = octets.AsSpan(at).IndexOf("\r\n"u8) + at + 2;
            if (octets[at] == (byte)'.')
                stuffed.WriteByte((byte)'.');
            stuffed.Write(octets, at, end - at);
            at = end;
        }

        stuffed.Write(".\r\n"u8);
        return stuffed.ToArray();
    }

    private async Task WriteAsync(string text) => await WriteAsync(Encoding.Latin1.GetBytes(text));

    private async Task WriteAsync(byte[] octets) => await _stream.WriteAsync(octets);

    private async Task<string> ReadReplyAsync()
    {
        while (true)
        {
            string line = await _reader.ReadLineAsync() ?? throw new IOException("The server closed the connection.");
            if (line.Length < 4 || line[3] != '-')
                return line;
        }
    }
}
