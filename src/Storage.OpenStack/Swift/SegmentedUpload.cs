using System.Buffers;
using System.Globalization;
using System.Text.Json.Nodes;
using SlimtaFast.Storage.Cloud;

namespace SlimtaFast.Storage.OpenStack.Swift;

/// <summary>
/// A large object that goes up in segments (a static large object). They stand behind its name, so that those of an upload that nobody ended are found
/// with it. One that is no larger than a segment goes up as a whole.
/// </summary>
internal sealed class SegmentedUpload : ObjectUpload
{
    // A manifest takes 1,000 segments: with these a content may have 3.6 GB.
    private const int SmallSegment = 512 * 1024, LargeSegment = 4 * 1024 * 1024;
    private const int SmallSegments = 100;

    private readonly SwiftObjectStore _store;
    private readonly string _container;
    private readonly string _prefix;
    private readonly string _name;
    private readonly List<(string Name, string Tag, int Length)> _segments = [];
    private byte[]? _buffer;
    private int _filled;
    private bool _isComplete;

    /// <summary>Begins an upload; nothing is sent yet.</summary>
    public SegmentedUpload(SwiftObjectStore store, string container, string prefix, string name)
    {
        _store = store;
        _container = container;
        _prefix = prefix;
        _name = name;
    }

    private int SegmentOctets => _segments.Count < SmallSegments ? SmallSegment : LargeSegment;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            if (_filled > 0 && _filled == SegmentOctets)
                await SendAsync(cancellationToken).ConfigureAwait(false);
            _buffer ??= ArrayPool<byte>.Shared.Rent(SegmentOctets);
            int count = Math.Min(bytes.Length, SegmentOctets - _filled);
            bytes.Span[..count].CopyTo(_buffer.AsSpan(_filled));
            bytes = bytes[count..];
            _filled += count;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        if (_segments.Count == 0)
        {
            await _store.PutAsync(_name, _buffer.AsMemory(0, _filled), [], PutCondition.None, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            if (_filled > 0)
                await SendAsync(cancellationToken).ConfigureAwait(false);
            var manifest = new JsonArray();
            foreach ((string name, string tag, int length) in _segments)
                manifest.Add((JsonNode)new JsonObject { ["path"] = $"/{_container}/{_prefix}{name}", ["etag"] = tag, ["size_bytes"] = length });
            await _store.PutManifestAsync(_name, System.Text.Encoding.UTF8.GetBytes(manifest.ToJsonString()), cancellationToken).ConfigureAwait(false);
        }

        ReturnBuffer();
        _isComplete = true;
    }

    /// <inheritdoc/>
    protected override async ValueTask DisposeCoreAsync()
    {
        // After a failure a request may still read the buffer, so that it goes to the garbage collector.
        _buffer = null;
        if (_isComplete || _segments.Count == 0)
            return;
        try
        {
            await _store.DeleteAsync([.. _segments.Select(static segment => segment.Name)], CancellationToken.None).ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // They are found by listing.
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{_name}/{_segments.Count:D5}");
        string? tag = await _store.PutAsync(name, _buffer.AsMemory(0, _filled), [], PutCondition.None, cancellationToken).ConfigureAwait(false);
        _segments.Add((name, tag!, _filled));
        _filled = 0;
        if (_buffer!.Length < SegmentOctets)
            ReturnBuffer();
    }

    private void ReturnBuffer()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }
}
