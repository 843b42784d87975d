using System.Buffers;
using System.Runtime.InteropServices;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Redis.Connections;
using SlimtaFast.Storage.Redis.Scripts;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Pieces;

/// <summary>
/// Contents in pieces: a hash whose fields are numbers. One that no item names yet, or any more, goes by itself after a while, so that a process that
/// dies leaves nothing behind. Thread-safe.
/// </summary>
internal sealed class PieceStore
{
    /// <summary>Octets of every piece but the last.</summary>
    public const int PieceOctets = 64 * 1024;

    /// <summary>How long a content stays that no item names.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromHours(1);

    private readonly RedisConnection _redis;
    private readonly Lock _gate = new();
    private readonly Dictionary<QueueId, int> _holders = [];
    private readonly HashSet<QueueId> _unnamed = [];

    /// <summary>Keeps contents at a connection.</summary>
    public PieceStore(RedisConnection redis) => _redis = redis;

    /// <summary>How many pieces a content of so many octets has; an empty one has one.</summary>
    public static long CountOf(long length) => Math.Max(1, (length + PieceOctets - 1) / PieceOctets);

    /// <summary>Counts somebody who reads a content.</summary>
    public void Hold(QueueId content)
    {
        lock (_gate)
            CollectionsMarshal.GetValueRefOrAddDefault(_holders, content, out _)++;
    }

    /// <summary>Counts one reader less; where he was the last of a content that no item names, it is deleted.</summary>
    public void LetGo(int place, QueueId content)
    {
        lock (_gate)
        {
            ref int holders = ref CollectionsMarshal.GetValueRefOrNullRef(_holders, content);
            if (--holders > 0)
                return;
            _holders.Remove(content);
            if (!_unnamed.Remove(content))
                return;
        }

        Delete(place, content);
    }

    /// <summary>Notes that an item names the content.</summary>
    public void Named(QueueId content)
    {
        lock (_gate)
            _unnamed.Remove(content);
    }

    /// <summary>Deletes a content that no item names any more, once nobody here reads it.</summary>
    public void Unnamed(int place, QueueId content)
    {
        lock (_gate)
        {
            if (_holders.ContainsKey(content))
            {
                _unnamed.Add(content);
                return;
            }
        }

        Delete(place, content);
    }

    /// <summary>Reads a piece.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(int place, QueueId content, int number, CancellationToken cancellationToken)
    {
        try
        {
            Task<RedisValue> asked = _redis.LaneOf(content).Database.HashGetAsync(_redis.Keys.Content(place, content), number, CommandFlags.DemandMaster);
            RedisValue bytes = await asked.WaitAsync(cancellationToken).ConfigureAwait(false);
            return bytes.IsNull ? throw new EndOfStreamException($"The piece {number} of the content {content} is not there.") : (ReadOnlyMemory<byte>)bytes;
        }
        catch (Exception trouble) when (RedisFault.IsKnown(trouble))
        {
            throw new IOException($"The content {content} cannot be read: {trouble.Message}", trouble);
        }
    }

    /// <summary>
    /// Writes a piece, and makes the content stay a while longer where no item names it yet. The bytes must not change until the task has ended well.
    /// </summary>
    public Task WriteAsync(int place, QueueId content, int number, ReadOnlyMemory<byte> bytes) =>
        _redis.LaneOf(content).RunAsync(
            ScriptText.Piece, [_redis.Keys.Content(place, content), _redis.Keys.References(place, content)], [number, bytes, (long)Linger.TotalMilliseconds]);

    /// <summary>Copies a content from elsewhere into pieces, two of which are in memory.</summary>
    public async Task CopyAsync(int place, MessageContent content, CancellationToken cancellationToken)
    {
        byte[][] buffers = [ArrayPool<byte>.Shared.Rent(PieceOctets), ArrayPool<byte>.Shared.Rent(PieceOctets)];
        Task[] pending = [Task.CompletedTask, Task.CompletedTask];
        int number = 0;
        for (long at = 0; at < content.Length || number == 0; at += PieceOctets, number++)
        {
            await pending[number & 1].ConfigureAwait(false);
            byte[] buffer = buffers[number & 1];
            int wanted = (int)Math.Min(PieceOctets, content.Length - at), read = 0;
            while (read < wanted)
            {
                int more = await content.ReadAsync(at + read, buffer.AsMemory(read, wanted - read), cancellationToken).ConfigureAwait(false);
                if (more == 0)
                    throw new EndOfStreamException($"The content {content.Id} ends before its time.");
                read += more;
            }

            pending[number & 1] = WriteAsync(place, content.Id, number, buffer.AsMemory(0, wanted));
        }

        await Task.WhenAll(pending).ConfigureAwait(false);

        // Only here: after a failure the connection may still be reading them.
        foreach (byte[] buffer in buffers)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Deletes a content; where that fails it goes by itself.</summary>
    public void Delete(int place, QueueId content)
    {
        try
        {
            _redis.LaneOf(content).Database.KeyDelete(_redis.Keys.Content(place, content), CommandFlags.FireAndForget);
        }
        catch (Exception trouble) when (RedisFault.IsKnown(trouble))
        {
            // See the summary.
        }
    }
}
