using System.Net.Sockets;
using System.Text;

namespace SlimtaFast.Edge.Tests;

/// <summary>Speaks SMTP line by line.</summary>
internal sealed class TestClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TcpClient _client;
    private readonly StreamReader _reader;

    public TestClient(TcpClient client)
    {
        _client = client;
        _reader = new StreamReader(client.GetStream(), Encoding.Latin1);
    }

    /// <summary>The last line of the next reply; empty at the end of the connection.</summary>
    public async Task<string> ReadAsync()
    {
        string line;
        do
        {
            line = await _reader.ReadLineAsync().WaitAsync(Patience) ?? "";
        }
        while (line.Length > 3 && line[3] == '-');
        return line;
    }

    /// <summary>Sends text as it is.</summary>
    public async Task SendAsync(string text) => await _client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends a line and reads its reply.</summary>
    public async Task<string> AskAsync(string line)
    {
        await SendAsync(line + "\r\n");
        return await ReadAsync();
    }

    /// <summary>Reads the greeting and says hello.</summary>
    public async Task HelloAsync()
    {
        Assert.StartsWith("220 ", await ReadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("250", await AskAsync("EHLO client.test"), StringComparison.Ordinal);
    }

    /// <summary>Sends one message and returns the reply to its content.</summary>
    public async Task<string> DeliverAsync(string recipient, string content)
    {
        Assert.StartsWith("250", await AskAsync("MAIL FROM:<a@client.test>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await AskAsync($"RCPT TO:<{recipient}>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await AskAsync("DATA"), StringComparison.Ordinal);
        return await AskAsync(content + "\r\n.");
    }

    public void Dispose()
    {
        _reader.Dispose();
        _client.Dispose();
    }
}
