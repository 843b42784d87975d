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
        ServerUnderTest server = await servers.GetAsync(new Dictionary<string, string> { ["SLIMTAFAST__Session__CommandTimeout"] = "1s" });
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
}
