using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Records;

namespace SlimtaFast.Storage.Cloud.Contents;

/// <summary>
/// Contents that are objects of their own. One that no item needs, or needs any more, is deleted when nobody here reads it; what a process that died left
/// behind is found by listing. Thread-safe.
/// </summary>
internal sealed class ContentStore
{
    private const int CopyOctets = 64 * 1024;

    private readonly RecordStore _records;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<QueueId, int> _holders = [];
    private readonly HashSet<QueueId> _unneeded = [];
    private readonly ConcurrentDictionary<Task, bool> _deleting = new();

    /// <summary>Keeps contents where the records are.</summary>
    public ContentStore(RecordStore records, ILogger logger)
    {
        _records = records;
        _logger = logger;
    }

    private IObjectStore Objects => _records.Objects;

    /// <summary>Begins a content.</summary>
    public ObjectUpload Begin(QueueId content) => Objects.BeginUpload(ObjectNames.Content(content));

    /// <summary>Gives a content up that was not completed.</summary>
    public void GiveUp(QueueId content, ObjectUpload upload) => Track(content, upload.DisposeAsync().AsTask());

    /// <summary>Ends when nothing is being deleted any more.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(_deleting.Keys);

    /// <summary>Counts somebody who reads a content.</summary>
    public void Hold(QueueId content)
    {
        lock (_gate)
            CollectionsMarshal.GetValueRefOrAddDefault(_holders, content, out _)++;
    }

    /// <summary>Counts one reader less; where he was the last of a content that no item needs, it is deleted.</summary>
    public void LetGo(QueueId content)
    {
        lock (_gate)
        {
            ref int holders = ref CollectionsMarshal.GetValueRefOrNullRef(_holders, content);
            if (--holders > 0)
                return;
            _holders.Remove(content);
            if (!_unneeded.Remove(content))
                return;
        }

        Delete(content);
    }

    /// <summary>Notes that an item needs the content.</summary>
    public void Needed(QueueId content)
    {
        lock (_gate)
            _unneeded.Remove(content);
    }

    /// <summary>Deletes a content that no item needs any more, once nobody here reads it.</summary>
    public void Unneeded(QueueId content)
    {
        lock (_gate)
        {
            if (_holders.ContainsKey(content))
            {
                _unneeded.Add(content);
                return;
            }
        }

        Delete(content);
    }

    /// <summary>Notes that an item needs the content no more, and deletes it where that was the last.</summary>
    /// <param name="content">The content.</param>
    /// <param name="item">The item.</param>
    /// <param name="isShared">True where other items may need it since a short time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask EndUseAsync(QueueId content, QueueId item, bool isShared, CancellationToken cancellationToken)
    {
        await Objects.DeleteAsync([ObjectNames.Use(content, item)], cancellationToken).ConfigureAwait(false);

        // A listing that does not show yet what others wrote a moment ago proves nothing: a sweep deletes the content.
        if (isShared && !Objects.ListsAtOnce)
            return;
        ObjectPage left = await Objects.ListAsync($"{ObjectNames.Uses}{content}/", null, 2, cancellationToken).ConfigureAwait(false);

        // A listing may still show what was just deleted.
        if (left.Objects.All(found => found.Name == ObjectNames.Use(content, item)))
            Unneeded(content);
    }

    /// <summary>Fills a buffer from a content.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public async ValueTask ReadAsync(QueueId content, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            int done = 0;
            while (done < buffer.Length)
            {
                int? read = await Objects.ReadAsync(ObjectNames.Content(content), offset + done, buffer[done..], cancellationToken).ConfigureAwait(false);
                if (read is null or 0)
                    throw new EndOfStreamException(read is null ? $"The content {content} is not there." : $"The content {content} ends before its time.");
                done += read.Value;
            }
        }
        catch (StorageException trouble)
        {
            throw new IOException($"The content {content} cannot be read: {trouble.Message}", trouble);
        }
    }

    /// <summary>Copies a content from elsewhere.</summary>
    public async Task CopyAsync(MessageContent content, CancellationToken cancellationToken)
    {
        await using ObjectUpload upload = Begin(content.Id);
        if (content.TryGetMemory(out ReadOnlySequence<byte> sequence))
        {
            foreach (ReadOnlyMemory<byte> segment in sequence)
                await upload.WriteAsync(segment, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyOctets);
            for (long at = 0; at < content.Length;)
            {
                int read = await content.ReadAsync(at, buffer.AsMemory(0, CopyOctets), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                    throw new EndOfStreamException($"The content {content.Id} ends before its time.");
                await upload.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                at += read;
            }

            // Only here: after a failure it may still be being sent.
            ArrayPool<byte>.Shared.Return(buffer);
        }

        await upload.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    // Whoever lets go of a content is told of no failure, whenever the store finds it.
    private void Delete(QueueId content)
    {
        Track(content, DeleteAsync());

        async Task DeleteAsync() => await Objects.DeleteUploadAsync(ObjectNames.Content(content), CancellationToken.None).ConfigureAwait(false);
    }

    private void Track(QueueId content, Task deletion)
    {
        Task noted = NoteAsync(content, deletion);
        if (noted.IsCompleted)
            return;
        _deleting.TryAdd(noted, true);
        noted.ContinueWith(static (ended, deleting) => ((ConcurrentDictionary<Task, bool>)deleting!).TryRemove(ended, out _), _deleting, TaskScheduler.Default);
    }

    private async Task NoteAsync(QueueId content, Task deletion)
    {
        try
        {
            await deletion.ConfigureAwait(false);
        }
        catch (StorageException trouble)
        {
            CloudLog.CleaningFailed(_logger, Objects.Description, content, trouble);
        }
    }
}
