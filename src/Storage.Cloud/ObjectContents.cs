using System.Buffers;
using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Contents;

namespace SlimtaFast.Storage.Cloud;

/// <summary>
/// Keeps contents of items that wait elsewhere as objects <c>kept/ITEM</c>, where all processes see the same bucket or container. An object is there as a whole
/// or not at all, so that a name stands only for what is complete. Thread-safe.
/// </summary>
public sealed class ObjectContents : IContentStore, IAsyncDisposable
{
    // Apart from everything that a CloudStorage in the same place has or sweeps.
    private const string Kept = "kept/";

    private const int CopyOctets = 64 * 1024;
    private const int PageSize = 1000;

    private readonly IObjectStore _objects;

    /// <summary>Keeps contents in a store, which is disposed with this.</summary>
    public ObjectContents(IObjectStore objects)
    {
        ArgumentNullException.ThrowIfNull(objects);
        _objects = objects;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => _objects.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask KeepAsync(QueueId item, MessageContent content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        content.Retain();
        try
        {
            ObjectUpload upload = _objects.BeginUpload(NameOf(item));
            await using (upload.ConfigureAwait(false))
            {
                await CopyAsync(content, upload, cancellationToken).ConfigureAwait(false);
                await upload.CompleteAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (IOException trouble)
        {
            throw new StorageException(StorageFailure.Unavailable, $"A content could not be read: {trouble.Message}", trouble);
        }
        finally
        {
            content.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<MessageContent?> OpenAsync(EnvelopeHead head, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(head);
        string name = NameOf(head.Item.Envelope.Id);
        ObjectFacts? found = await _objects.FindAsync(name, cancellationToken).ConfigureAwait(false);
        return found is not null && found.Length == head.ContentLength ? new KeptObject(_objects, name, head) : null;
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(QueueId item, CancellationToken cancellationToken) => _objects.DeleteUploadAsync(NameOf(item), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<int> SweepAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        int count = 0;
        var parts = new List<string>();
        await foreach (string name in ListAsync(cancellationToken).ConfigureAwait(false))
        {
            // Parts of an upload that was not ended stand behind its name.
            ReadOnlySpan<char> rest = name.AsSpan(Kept.Length);
            if (rest.Length < QueueId.PrintedLength || !QueueId.TryParse(rest[..QueueId.PrintedLength], out QueueId item))
                continue;

            // An id begins with its time, so that names are in the order of their ages: what follows is younger.
            if (item.CreatedAt >= before)
                break;
            if (rest.Length > QueueId.PrintedLength)
            {
                parts.Add(name);
                continue;
            }

            await RemoveAsync(item, cancellationToken).ConfigureAwait(false);
            count++;
        }

        foreach (string[] some in parts.Chunk(PageSize))
            await _objects.DeleteAsync(some, cancellationToken).ConfigureAwait(false);
        return count;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _objects.DisposeAsync();

    private static string NameOf(QueueId item) => Kept + item;

    private static async ValueTask CopyAsync(MessageContent content, ObjectUpload upload, CancellationToken cancellationToken)
    {
        if (content.TryGetMemory(out ReadOnlySequence<byte> bytes))
        {
            foreach (ReadOnlyMemory<byte> piece in bytes)
                await upload.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
            return;
        }

        byte[] buffer = new byte[CopyOctets];
        for (long at = 0; at < content.Length;)
        {
            int read = await content.ReadAsync(at, buffer, cancellationToken).ConfigureAwait(false);
            if (read == 0)
                throw new EndOfStreamException($"The content {content.Id} ends before its time.");
            await upload.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            at += read;
        }
    }

    private async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            ObjectPage page = await _objects.ListAsync(Kept, after, PageSize, cancellationToken).ConfigureAwait(false);
            foreach (ObjectFacts found in page.Objects)
                yield return found.Name;
            after = page.HasMore && page.Objects.Count > 0 ? page.Objects[^1].Name : null;
        }
        while (after is not null);
    }
}
