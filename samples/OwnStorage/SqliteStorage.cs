using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace OwnStorage;

/// <summary>
/// Keeps queued items in a table: envelope and content as they were received, and the state that changes. Each operation is one transaction that
/// is flushed before it ends, on a thread of the pool because SQLite blocks. Thread-safe.
/// </summary>
internal sealed class SqliteStorage : IQueueStorage
{
    private const string Insert =
        "INSERT OR IGNORE INTO items (id, head, content, state, due, attempts, domain, length, urgency) VALUES ($id, $head, $content, $state, $due, $attempts, $domain, $length, $urgency)";

    private readonly SqliteConnection _connection;
    private readonly SemaphoreSlim _turn = new(1);
    private long _items;

    /// <summary>Will use that file; <see cref="StartAsync"/> opens it.</summary>
    public SqliteStorage(string file) => _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => RunAsync(
        () =>
        {
            _connection.Open();
            // EXCLUSIVE keeps a second server out, and FULL makes a commit wait for the medium.
            Execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;");
            Execute("CREATE TABLE IF NOT EXISTS items (id TEXT PRIMARY KEY, head BLOB, content BLOB, state BLOB, due INTEGER, attempts INTEGER, domain TEXT, length INTEGER, urgency INTEGER)");
            using SqliteCommand count = Command("SELECT count(*) FROM items");
            _items = (long)count.ExecuteScalar()!;
            return true;
        },
        cancellationToken).AsTask();

    /// <inheritdoc/>
    public ContentWriter BeginContent(QueueId id, long? sizeHint) =>
        new PooledContentWriter(id, int.MaxValue, null, static _ => throw new StorageException(StorageFailure.Full, "The message is too large for this storage."));

    /// <inheritdoc/>
    public async ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken)
    {
        byte[][] contents = await ReadAsync(items, cancellationToken);
        await RunAsync(
            () =>
            {
                using SqliteTransaction transaction = _connection.BeginTransaction();
                Add(items, contents);
                transaction.Commit();
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask UpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken)
    {
        byte[][] contents = await ReadAsync(bounces, cancellationToken);
        await RunAsync(
            () =>
            {
                using SqliteTransaction transaction = _connection.BeginTransaction();
                if (state.IsClosed)
                    Delete(id);
                else
                    Change(id, state);
                Add(bounces, contents);
                transaction.Commit();
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(QueueId id, CancellationToken cancellationToken) => await RunAsync(() => Delete(id), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<QueueItem?> ReadAsync(QueueId id, CancellationToken cancellationToken)
    {
        (byte[] Head, byte[] State, byte[] Content)? row = await RunAsync(
            () =>
            {
                using SqliteCommand select = Command("SELECT head, state, content FROM items WHERE id = $id", ("$id", id.ToString()));
                using SqliteDataReader reader = select.ExecuteReader();
                return reader.Read() ? ((byte[])reader[0], (byte[])reader[1], (byte[])reader[2]) : default((byte[], byte[], byte[])?);
            },
            cancellationToken);
        if (row is not { } found)
            return null;
        if (!EnvelopeSerializer.TryReadHead(found.Head, out EnvelopeHead? head) || !EnvelopeSerializer.TryReadState(found.State, out _, out DeliveryState? state))
            throw new StorageException(StorageFailure.Unavailable, $"What is stored of {id} is damaged.");
        using var writer = new PooledContentWriter(head!.ContentId, int.MaxValue, null, static _ => throw new InvalidOperationException());
        await writer.WriteAsync(found.Content, cancellationToken);
        return head.WithContent(await writer.CompleteAsync(head.ContentTraits, cancellationToken)) with { State = state! };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<QueueEntry> LoadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<QueueEntry> entries = await RunAsync(
            () =>
            {
                var found = new List<QueueEntry>();
                using SqliteCommand select = Command("SELECT id, due, attempts, domain, length, urgency FROM items ORDER BY id");
                using SqliteDataReader reader = select.ExecuteReader();
                while (reader.Read())
                {
                    found.Add(new QueueEntry(
                        ParseId(reader.GetString(0)), new DateTimeOffset(reader.GetInt64(1), TimeSpan.Zero), reader.GetInt32(2), reader.GetString(3), reader.GetInt64(4),
                        Urgency.FromOctet(reader.GetByte(5))));
                }

                return found;
            },
            cancellationToken);
        foreach (QueueEntry entry in entries)
            yield return entry;
    }

    /// <inheritdoc/>
    public StorageInfo GetInfo() => new(Interlocked.Read(ref _items), 0, AcceptsNew: true, Problem: null);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        await _connection.DisposeAsync();
        _turn.Dispose();
    }

    // Contents are read before SQLite's turn begins, because that may take I/O of their own.
    private static async ValueTask<byte[][]> ReadAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken)
    {
        byte[][] contents = new byte[items.Count][];
        for (int i = 0; i < contents.Length; i++)
        {
            contents[i] = new byte[items[i].Envelope.Content.Length];
            await items[i].Envelope.Content.FillAsync(contents[i], cancellationToken);
        }

        return contents;
    }

    private void Add(IReadOnlyList<QueueItem> items, byte[][] contents)
    {
        for (int i = 0; i < contents.Length; i++)
        {
            QueueItem item = items[i];
            var head = new ArrayBufferWriter<byte>();
            EnvelopeSerializer.WriteHead(head, item);
            using SqliteCommand insert = Command(
                Insert,
                ("$id", item.Envelope.Id.ToString()), ("$head", head.WrittenSpan.ToArray()), ("$content", contents[i]), ("$state", Encode(item.Envelope.Id, item.State)),
                ("$due", item.State.DueAt.UtcTicks), ("$attempts", item.State.Attempts), ("$domain", item.Envelope.Domain), ("$length", item.Envelope.Length),
                ("$urgency", Urgency.Of(item.Envelope).Octet));
            Interlocked.Add(ref _items, insert.ExecuteNonQuery());
        }
    }

    private void Change(QueueId id, DeliveryState state)
    {
        using SqliteCommand update = Command(
            "UPDATE items SET state = $state, due = $due, attempts = $attempts WHERE id = $id",
            ("$id", id.ToString()), ("$state", Encode(id, state)), ("$due", state.DueAt.UtcTicks), ("$attempts", state.Attempts));
        update.ExecuteNonQuery();
    }

    private bool Delete(QueueId id)
    {
        using SqliteCommand delete = Command("DELETE FROM items WHERE id = $id", ("$id", id.ToString()));
        Interlocked.Add(ref _items, -delete.ExecuteNonQuery());
        return true;
    }

    private static QueueId ParseId(string text) =>
        QueueId.TryParse(text, out QueueId id) ? id : throw new StorageException(StorageFailure.Unavailable, $"'{text}' is not the name of an item.");

    private static byte[] Encode(QueueId id, DeliveryState state)
    {
        var bytes = new ArrayBufferWriter<byte>();
        EnvelopeSerializer.WriteState(bytes, id, state);
        return bytes.WrittenSpan.ToArray();
    }

    private SqliteCommand Command(string text, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = text;
        foreach ((string name, object value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }

    private void Execute(string text)
    {
        using SqliteCommand command = Command(text);
        command.ExecuteNonQuery();
    }

    // One at a time; the queue is told whose fault a failure is. A write that was begun is not given up.
    private async ValueTask<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(work, CancellationToken.None);
        }
        catch (SqliteException failure)
        {
            // 13 is SQLITE_FULL.
            throw new StorageException(failure.SqliteErrorCode == 13 ? StorageFailure.Full : StorageFailure.Unavailable, failure.Message);
        }
        finally
        {
            _turn.Release();
        }
    }
}
