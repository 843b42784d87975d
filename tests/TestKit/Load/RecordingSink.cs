using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.TestKit.Load;

/// <summary>A next hop inside the test that takes every message and keeps it with its recipients, octet for octet.</summary>
public sealed class RecordingSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Task, bool> _sessions = new();
    private readonly ConcurrentQueue<(IReadOnlyList<string> Recipients, byte[] Content)> _messages = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly Task _accepting;

    /// <summary>Starts to listen on a free loopback port.</summary>
    public RecordingSink()
    {
        _listener.Start(64);
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where.</summary>
    public int Port { get; }

    /// <summary>How many messages wait to be taken.</summary>
    public int Waiting => _messages.Count;

    /// <summary>The next message that came; null where none comes within the limit.</summary>
    public async Task<(IReadOnlyList<string> Recipients, byte[] Content)?> TakeAsync(TimeSpan limit) =>
        await _news.WaitAsync(limit) && _messages.TryDequeue(out (IReadOnlyList<string>, byte[]) message) ? message : null;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_sessions.Keys);
        _stop.Dispose();
        _news.Dispose();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Task session = Task.Run(() => SinkSession.RunAsync(client, Keep, _stop.Token));
                _sessions.TryAdd(session, true);
                _ = session.ContinueWith(done => _sessions.TryRemove(done, out _), TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private void Keep(IReadOnlyList<string> recipients, byte[] content)
    {
        _messages.Enqueue((recipients, content));
        _news.Release();
    }
}
