using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>
/// The spool of a disk storage: one file for each item and for each large content. What it does:
/// <list type="bullet">
/// <item><c>NAME.env</c> is an item (content, head, trailer), an item whose content has a file of its own (head, trailer), or such a
/// content (content, trailer). NAME is 32 hex digits: the item's id, or the content's. The three shapes are one format,
/// <see cref="SpoolTrailer"/> and docs/spool-format.md. It never changes.</item>
/// <item><c>NAME.meta</c> is the item's state, from its first change on; until then the head's state counts. A change replaces it.</item>
/// <item>Every file is written in the scratch folder, flushed, renamed into place, and its folder flushed. So a name in place is a
/// whole file; one that is not was damaged later, and goes to the quarantine, never away.</item>
/// <item>Removal takes the envelope first and flushes that, then the state: an item is there as a whole or not at all.</item>
/// <item>A large content: <see cref="BeginContent"/> writes it as it arrives, completion flushes it, <see cref="StoreContents"/> gives
/// it its name; only then may items that name it be written. Its file is removed by the content's name, when no item needs it.</item>
/// </list>
/// Members block, unless they say otherwise, and are for threads of the storage's own. They are thread-safe, but two of them must not
/// work on the same name at once. Failures are <see cref="DiskException"/>s (<see cref="DiskError.Classify"/>).
/// </summary>
internal sealed class SpoolFiles : IDisposable
{
    private readonly SpoolFolders _folders;
    private readonly SpoolThreads _threads;
    private readonly SpoolWriter _writer;
    private readonly SpoolReader _reader;
    private readonly SpoolQuarantine _quarantine;
    private readonly SpoolParking _parking;
    private readonly int _largeSpool;

    /// <summary>Makes, checks and locks the folders. A lock that is taken, or folders on several file systems, are a <see cref="StorageException"/>.</summary>
    public SpoolFiles(IFileLayer layer, SpoolSettings settings, ILogger log)
    {
        _folders = SpoolFolders.Open(layer, settings);
        _threads = new SpoolThreads(settings);
        _writer = new SpoolWriter(_folders);
        _reader = new SpoolReader(_folders, _threads.Readers, settings.InMemoryLimit);
        _quarantine = new SpoolQuarantine(_folders, log);
        _parking = new SpoolParking(_folders, _writer, _reader);
        _largeSpool = settings.LargeSpool;
    }

    /// <summary>Files moved to the quarantine since the start.</summary>
    public long QuarantinedFiles => _quarantine.Count;

    /// <summary>Room on the spool's file system.</summary>
    public DiskSpace GetSpace() => _folders.Layer.GetSpace(_folders.Envelopes.Path);

    /// <summary>Starts a large content. Does not block, nor does the writer: it may be used on a reactor.</summary>
    public ContentWriter BeginContent(QueueId id) => new SpoolContentWriter(_folders, _threads, id);

    /// <summary>
    /// Gives contents their names, for good once it returns. Contents that are not of a spool, or already stored, need nothing. A content
    /// whose items then fail to be stored is removed with <see cref="Remove"/>.
    /// </summary>
    public void StoreContents(IEnumerable<MessageContent> contents)
    {
        var named = new List<SpoolContent>();
        foreach (MessageContent content in contents)
        {
            if (content is SpoolContent spooled && Name(spooled))
                named.Add(spooled);
        }

        if (named.Count == 0)
            return;
        _folders.Envelopes.Flush();
        foreach (SpoolContent content in named)
            content.Place = SpoolContentPlace.Stored;
    }

    /// <summary>
    /// Writes items as files, with the states that they have: all for good once it returns, none where it fails, unless with an
    /// <see cref="UndecidedException"/>. They must not have files yet, and their large contents must be stored before.
    /// </summary>
    public void WriteItems(IReadOnlyList<QueueItem> items)
    {
        if (items.Count == 0)
            return;
        string[] scratch = SpoolBatch.Write(items.Count, i => _writer.WriteEnvelope(items[i]), _writer.Abandon, _threads.Flushers);
        int renamed = 0;
        try
        {
            for (; renamed < items.Count; renamed++)
                _folders.Layer.Rename(scratch[renamed], _folders.EnvelopePath(items[renamed].Envelope.Id));
            _folders.Envelopes.Flush();
        }
        catch (IOException e)
        {
            for (int i = renamed; i < items.Count; i++)
                _writer.Abandon(scratch[i]);
            RemoveAgain([.. items.Select(static item => item.Envelope.Id)], e);
            throw;
        }
    }

    /// <summary>Replaces the states of items that are files: all for good once it returns; where it fails, any of them may be the new one.</summary>
    public void WriteStates(IReadOnlyList<(QueueId Id, DeliveryState State)> states)
    {
        if (states.Count == 0)
            return;
        string[] scratch = SpoolBatch.Write(states.Count, i => _writer.WriteState(states[i].Id, states[i].State), _writer.Abandon, _threads.Flushers);
        int renamed = 0;
        try
        {
            for (; renamed < states.Count; renamed++)
                _folders.Layer.Rename(scratch[renamed], _folders.StatePath(states[renamed].Id));
            _folders.States.Flush();
        }
        catch (IOException)
        {
            for (; renamed < states.Count; renamed++)
                _writer.Abandon(scratch[renamed]);
            throw;
        }
    }

    /// <summary>
    /// Writes items as <see cref="WriteItems"/> does, and so that even a crash, or an <see cref="UndecidedException"/>, leaves all or none,
    /// once <see cref="RecoverParked"/> was run.
    /// </summary>
    public void WriteItemsTogether(IReadOnlyList<QueueItem> items)
    {
        if (items.Count <= 1)
        {
            WriteItems(items);
            return;
        }

        QueueItem first = items[0];
        QueueItem[] rest = [.. items.Skip(1)];
        string[] parked = Park(rest, first.Envelope.Id, null);
        try
        {
            WriteItems([first]);
        }
        catch (IOException e) when (e is not UndecidedException)
        {
            // The first is certainly not in place, so the others are in nobody's way. Were it not certain they would stay: the next start
            // decides for all of them alike, as it does where putting them in place fails.
            _parking.Abandon(parked);
            throw;
        }

        Release(rest, parked);
    }

    /// <summary>
    /// Replaces an item's state, or removes the item, and adds bounces: for good once it returns, and so that even a crash leaves both or
    /// neither, once <see cref="RecoverParked"/> was run. Where it fails it may be done again, with the same bounces; until then nothing
    /// is changed, or, after an <see cref="UndecidedException"/>, perhaps all of it.
    /// </summary>
    /// <param name="id">The item.</param>
    /// <param name="state">Its next state; one that is closed removes it.</param>
    /// <param name="bounces">The bounces, at least one.</param>
    public void WriteStateWithBounces(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces)
    {
        string[] parked = Park(bounces, id, state.Version);
        try
        {
            if (state.IsClosed)
                Remove([id]);
            else
                WriteStates([(id, state)]);
        }
        catch (IOException e)
        {
            throw new UndecidedException(e);
        }

        Release(bounces, parked);
    }

    /// <summary>Puts in place, or deletes, what a crash left parked. To be called before <see cref="Scan"/>.</summary>
    public void RecoverParked() => _parking.Recover();

    /// <summary>Removes the files of items and contents, for good once it returns. Names without files are no error.</summary>
    public void Remove(IReadOnlyList<QueueId> names)
    {
        bool any = false;
        foreach (QueueId name in names)
            any |= _folders.Layer.Delete(_folders.EnvelopePath(name));
        if (any)
            _folders.Envelopes.Flush();
        // Not flushed: a state without its envelope is nothing, and the next scan removes it.
        foreach (QueueId name in names)
            _folders.Layer.Delete(_folders.StatePath(name));
    }

    /// <summary>True where a file of this name is there, whatever is in it.</summary>
    public bool Exists(QueueId name) => _folders.Layer.Exists(_folders.EnvelopePath(name));

    /// <summary>
    /// Reads an item with its content, of which the caller gets a reference, and the newest state that the files have. Null where there is
    /// none such, or where it is damaged, and was moved to the quarantine.
    /// </summary>
    public QueueItem? Read(QueueId id)
    {
        SpoolFileStatus status = _reader.TryReadItem(id, out QueueItem? item, out QueueId damaged, out bool hasDamagedState);
        if (status == SpoolFileStatus.Damaged)
        {
            _quarantine.Move(id, damaged == id ? "it is damaged" : $"its content {damaged} is damaged or missing");
            if (damaged != id)
                _quarantine.Move(damaged, "it is damaged");
        }
        else if (hasDamagedState)
        {
            _quarantine.MoveState(id, "it is damaged");
        }

        return item;
    }

    /// <summary>
    /// Opens a content that has a file of its own, for a head that says this of it; the caller gets a reference. Null where it is missing,
    /// or where it is damaged, and was moved to the quarantine.
    /// </summary>
    /// <param name="id">The content.</param>
    /// <param name="length">Octets that it should have.</param>
    /// <param name="crc">Checksum that it should have.</param>
    /// <param name="asFile">True for a content that items to be written can name; false where a small one may come in memory.</param>
    public MessageContent? OpenContent(QueueId id, long length, uint crc, bool asFile = false)
    {
        SpoolFileStatus status = _reader.TryReadContent(id, length, crc, asFile, out MessageContent? content);
        if (status == SpoolFileStatus.Damaged)
            _quarantine.Move(id, "it is damaged");
        return content;
    }

    /// <summary>
    /// Goes through all files that are there at the call, in the order of their ids, reading many at a time. Damaged ones go to the
    /// quarantine as they are met; contents are checked only when they are read. States without an envelope are removed first.
    /// </summary>
    /// <param name="takeAhead">In a large spool, takes some of the items before their turn, and before the first is returned.</param>
    public IEnumerable<SpoolEntry> Scan(Action<IReadOnlyList<SpoolEntry>>? takeAhead = null)
    {
        SpoolScan scan = SpoolScan.Begin(_folders, _reader, _threads.Readers, _largeSpool, takeAhead);
        foreach (QueueId orphan in scan.OrphanedStates)
            _folders.Layer.Delete(_folders.StatePath(orphan));
        foreach (SpoolEntry entry in scan.Entries())
        {
            if (entry.Kind == SpoolEntryKind.Damaged)
                _quarantine.Move(entry.Name, "it is damaged");
            else if (entry.HasDamagedState)
                _quarantine.MoveState(entry.Name, "it is damaged");
            yield return entry;
        }
    }

    /// <summary>Takes the files of a name out of use, for example because nothing names a content.</summary>
    public void Quarantine(QueueId name, string reason) => _quarantine.Move(name, reason);

    /// <summary>Ends the threads after what they have to do, and lets the folders go.</summary>
    public void Dispose()
    {
        _threads.Dispose();
        _folders.Dispose();
    }

    private string[] Park(IReadOnlyList<QueueItem> items, QueueId parent, int? version)
    {
        string[] scratch = SpoolBatch.Write(items.Count, i => _writer.WriteEnvelope(items[i]), _writer.Abandon, _threads.Flushers);
        try
        {
            return _parking.Park(items, scratch, parent, version);
        }
        catch (IOException e)
        {
            // What is parked already stays: where this is tried for the second time, the parent may have changed in the first, and then
            // these are the only bounces there are. The next start decides, and until then their contents have to stay too.
            _parking.Abandon(scratch);
            throw new UndecidedException(e);
        }
    }

    private void Release(IReadOnlyList<QueueItem> items, IReadOnlyList<string> parked)
    {
        try
        {
            _parking.Release(items, parked);
        }
        catch (IOException e)
        {
            throw new UndecidedException(e);
        }
    }

    // Also what only may be in place: a failed call says nothing about what it did.
    private void RemoveAgain(QueueId[] items, IOException cause)
    {
        try
        {
            Remove(items);
        }
        catch (IOException)
        {
            throw new UndecidedException(cause);
        }
    }

    // True where the folder has to be flushed for it.
    private bool Name(SpoolContent content)
    {
        lock (content.Gate)
        {
            if (content.Place == SpoolContentPlace.Scratch)
            {
                _folders.Layer.Rename(content.OpenedPath, _folders.EnvelopePath(content.Id));
                content.Place = SpoolContentPlace.Named;
            }

            return content.Place == SpoolContentPlace.Named;
        }
    }
}
