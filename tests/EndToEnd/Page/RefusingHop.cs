using System.Net;
using System.Net.Sockets;
using System.Text;
using SlimtaFast.EndToEnd.Tests.Wire;

namespace SlimtaFast.EndToEnd.Tests.Page;

/// <summary>A next hop that refuses every recipient for the moment, with words of the test's.</summary>
internal sealed class RefusingHop : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _reply;
    private readonly Task _accepting;

    public RefusingHop(string reply)
    {
        _reply = reply;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true)
                sessions.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }

        await Task.WhenAll(sessions);
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var peer = new DialoguePeer(socket, new NetworkStream(socket), Timeout.InfiniteTimeSpan);
        await using CancellationTokenRegistration end = _stop.Token.Register(peer.Reset);
        await peer.SendLineAsync("220 hop.test ESMTP");
        while (await peer.ReadLineAsync() is { } line)
        {
            string verb = line.Split(' ')[0];
            string answer = verb switch
            {
                "EHLO" => "250-hop.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8",
                "RCPT" => _reply,
                "DATA" => "554 5.5.1 No valid recipients",
                "QUIT" => "221 2.0.0 Bye",
                _ => "250 2.0.0 Ok",
            };
            await peer.SendAsync(Encoding.UTF8.GetBytes(answer + "\r\n"), Fragmentation.Whole);
            if (verb == "QUIT")
                return;
        }
    }
}
