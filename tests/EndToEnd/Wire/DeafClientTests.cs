using System.Net.Sockets;
using System.Text;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>A client that sends and sends, and never reads an answer.</summary>
public sealed class DeafClientTests(ServersUnderTest servers) : IClassFixture<ServersUnderTest>
{
    // More than all buffers of both kernels together, and far less than what would come in the time.
    private const long MostTaken = 256L * 1024 * 1024;

    [Fact]
    public async Task Client_that_reads_nothing_is_read_no_more_and_then_sent_away()
    {
        ServerUnderTest server = await servers.GetAsync(new Dictionary<string, string> { ["SLIMTAFAST__Session__CommandTimeout"] = "3s" });
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.EndPoint);
        await socket.SendAsync("EHLO client.test\r\nMAIL FROM:<a@client.test>\r\n"u8.ToArray());
        // Refusals of the thousand-and-first recipient are no errors, so that nothing but the deadline ends this.
        byte[] burst = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("RCPT TO:<b@hop.test>\r\n", 1000)));
        long taken = 0;

        await Assert.ThrowsAnyAsync<SocketException>(async () =>
        {
            while (taken < MostTaken)
                taken += await socket.SendAsync(burst);
        });

        Assert.Empty(await server.TakeMessagesAsync());
    }

    [Fact]
    public async Task Message_whose_250_is_there_and_never_read_is_delivered_once()
    {
        ServerUnderTest server = await servers.GetAsync();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.EndPoint);
        byte[] buffer = new byte[4096];
        foreach (string line in (string[])["EHLO client.test", "MAIL FROM:<a@client.test>", "RCPT TO:<b@hop.test>", "DATA", "Subject: one\r\n\r\ntext\r\n."])
        {
            Assert.NotEqual(0, await socket.ReceiveAsync(buffer));
            await socket.SendAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
        }

        // The answer is here and stays unread; the reset tells the server that nobody will ever know it.
        Assert.True(socket.Poll(TimeSpan.FromSeconds(30), SelectMode.SelectRead));
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Close();

        Assert.Single(await server.TakeMessagesAsync());
        Assert.Empty(await server.TakeMessagesAsync());
    }
}
