using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using SlimtaFast.Edge;
using SlimtaFast.Queue;
using SlimtaFast.Relay;

namespace SlimtaFast.Load.Peers;

/// <summary>Our edge in front of <see cref="OneCallRedisStorage"/>; holds what it accepts.</summary>
internal static class OneCallServer
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not ["--redis", string redis, "--port", string text] || !int.TryParse(text, CultureInfo.InvariantCulture, out int port))
        {
            Console.Error.WriteLine("one-call-redis --redis HOST:PORT --port P");
            return 2;
        }

        await using var server = new MailServer(
            new OneCallRedisStorage(redis),
            static _ => new BlackholeRelay(),
            new MailServerOptions { Edge = new SmtpEdgeOptions { Listen = [new IPEndPoint(IPAddress.Loopback, port)] }, Queue = new MailQueueOptions { Hold = true } });
        await server.StartAsync();
        Console.WriteLine($"listening on {server.EndPoints[0]}");
        var stop = new TaskCompletionSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.TrySetResult();
        });
        await stop.Task;
        return 0;
    }
}
