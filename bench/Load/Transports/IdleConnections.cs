using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.Load.Transports;

/// <summary>Many clients that connect and then say nothing.</summary>
internal static class IdleConnections
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        int port = Options.GetNumber(arguments, "port", 2525);
        var sockets = new Socket[Options.GetNumber(arguments, "connections", 10_000)];
        byte[] greeting = new byte[512];
        for (int i = 0; i < sockets.Length; i++)
        {
            sockets[i] = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await sockets[i].ConnectAsync(IPAddress.Loopback, port);
            if (await sockets[i].ReceiveAsync(greeting.AsMemory()) == 0)
            {
                Console.Error.WriteLine("connection " + i + " was closed");
                return 1;
            }
        }

        Console.WriteLine("idle");
        await Task.Delay(Timeout.Infinite);
        return 0;
    }
}
