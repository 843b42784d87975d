using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.TestKit.Load;

/// <summary>A next hop inside the test: takes every message of every connection, and leaves to its kind what becomes of them.</summary>
public abstract class MessageSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Task, bool> _sessions = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly Task _accepting;

    /// <summary>Starts to listen on a free loopback port.</summary>
    protected MessageSink()
    {
        _listener.Start(512);
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where.</summary>
    public int Port { get; }

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
        GC.SuppressFinalize(this);
    }

    /// <summary>Takes a message; called on any thread.</summary>
    protected abstract void Take(IReadOnlyList<string> recipients, byte[] content);

    /// <summary>Waits for the next message that was taken; false where none was within the limit.</summary>
    protected Task<bool> NewsAsync(TimeSpan limit) => _news.WaitAsync(limit);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Task session = Task.Run(() => SinkSession.RunAsync(client, TakeAndTell, _stop.Token));
                _sessions.TryAdd(session, true);
                _ = session.ContinueWith(done => _sessions.TryRemove(done, out _), TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private void TakeAndTell(IReadOnlyList<string> recipients, byte[] content)
    {
        Take(recipients, content);
        _news.Release();
    }
}
