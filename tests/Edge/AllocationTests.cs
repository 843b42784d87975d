using System.Net.Sockets;
using System.Text;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge.Tests;

/// <summary>The steady path of receiving. Alone in its collection, because allocation is counted for the whole process.</summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests
{
    // Envelope, transaction with its list and recipient, two addresses, writer and content; measured 531 octets.
    private const int MostPerMessage = 640;
    private const int Messages = 2000;

    [Fact]
    public async Task Received_message_allocates_its_envelope_and_little_more()
    {
        await using var edge = new RunningEdge(new DiscardingQueue());
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(edge.EndPoint);
        byte[] input = new byte[4096];
        Exchange(socket, [], input, 1);
        Exchange(socket, "EHLO client.test\r\n"u8.ToArray(), input, 1);
        byte[] group = Encoding.ASCII.GetBytes("MAIL FROM:<a@client.test>\r\nRCPT TO:<b@other.test>\r\nDATA\r\n");
        byte[] content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 78) + "\r\n", 50)) + ".\r\n");
        Deliver(socket, group, content, input, Messages);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Deliver(socket, group, content, input, Messages);
        long each = (GC.GetTotalAllocatedBytes(precise: true) - before) / Messages;
        Assert.InRange(each, 0, MostPerMessage);
    }

    private static void Deliver(Socket socket, byte[] group, byte[] content, byte[] input, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Exchange(socket, group, input, 3);
            Exchange(socket, content, input, 1);
        }
    }

    // Blocking calls on a span, because they allocate nothing themselves.
    private static void Exchange(Socket socket, byte[] output, byte[] input, int replies)
    {
        if (output.Length > 0)
            socket.Send(output.AsSpan());
        int seen = 0;
        while (replies > 0)
        {
            int count = socket.Receive(input.AsSpan(seen));
            if (count == 0)
                throw new IOException("The edge closed the connection.");
            seen += count;
            ReadOnlySpan<byte> rest = input.AsSpan(0, seen);
            int end;
            while ((end = rest.IndexOf((byte)'\n')) >= 0)
            {
                if (rest[3] != (byte)'-')
                    replies--;
                rest = rest[(end + 1)..];
            }

            rest.CopyTo(input);
            seen = rest.Length;
        }
    }
}
