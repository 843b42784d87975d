using System.Collections.Concurrent;

namespace SlimtaFast.TestKit.Load;

/// <summary>
/// Sends many messages over several connections, and notes what the server said of each. Connections that end are not made again: a load
/// ends with its server.
/// </summary>
public abstract class MailLoad : IAsyncDisposable
{
    private static int _numbers;

    private readonly ConcurrentQueue<LoadMessage> _messages = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly Func<Random, int> _size;
    private readonly Task _all;
    private int _accepted;

    /// <summary>Starts sending.</summary>
    /// <param name="open">Makes a connection.</param>
    /// <param name="connections">How many.</param>
    /// <param name="seed">What sizes and numbers of recipients come from.</param>
    /// <param name="size">The size of the next message; null for <see cref="Mixed"/>.</param>
    private protected MailLoad(Func<Task<ILoadConnection>> open, int connections, int seed, Func<Random, int>? size)
    {
        _size = size ?? Mixed;
        _all = Task.WhenAll(Enumerable.Range(0, connections).Select(i => Task.Run(() => RunAsync(open, new Random((seed * 1000) + i)))));
    }

    /// <summary>All messages begun so far.</summary>
    public IReadOnlyCollection<LoadMessage> Messages => _messages;

    /// <summary>How many were acknowledged so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>True once all connections have ended.</summary>
    public bool HasEnded => _all.IsCompleted;

    /// <summary>Sizes of ordinary mail, and now and then one that does not fit into memory.</summary>
    public static int Mixed(Random random) => random.Next(40) switch
    {
        0 => random.Next(300_000, 900_000),
        < 10 => random.Next(5_000, 60_000),
        _ => random.Next(100, 5_000),
    };

    /// <summary>Waits for the answer to some message to be such; fails when all connections end before, or the time is over.</summary>
    public async Task WaitAsync(Func<MailLoad, bool> isEnough, TimeSpan limit)
    {
        using var end = new CancellationTokenSource(limit);
        while (!isEnough(this))
        {
            if (_all.IsCompleted)
            {
                await _all;
                throw new InvalidOperationException($"All connections ended after {Accepted} accepted messages; last reply: {_messages.LastOrDefault(m => m.Reply is not null)?.Reply}");
            }

            await Task.WhenAny(_news.WaitAsync(end.Token), _all);
            end.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Stops after the messages under way, or waits for the end of connections that the server's end has cut.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _all;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        _news.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task RunAsync(Func<Task<ILoadConnection>> open, Random random)
    {
        try
        {
            using ILoadConnection connection = await open();
            while (!_stop.IsCancellationRequested)
            {
                var message = new LoadMessage(Interlocked.Increment(ref _numbers), _size(random), random.Next(4) == 0 ? random.Next(2, 5) : 1);
                _messages.Enqueue(message);
                await connection.SendAsync(message);
                if (message.Outcome == LoadOutcome.Accepted)
                    Interlocked.Increment(ref _accepted);
                _news.Release();
            }

            await connection.QuitAsync();
        }
        catch (IOException)
        {
            // The server is gone; what it had not answered stays unknown.
        }
        catch (System.Net.Sockets.SocketException)
        {
            // The same, before the first word.
        }
    }
}
