using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Redis.Connections;

namespace SlimtaFast.Storage.Redis.Pieces;

/// <summary>Sends a content on as it comes: one piece is collected while the one before it is on its way.</summary>
internal sealed class RedisContentWriter : ContentWriter
{
    private readonly PieceStore _pieces;
    private readonly int _place;
    private readonly QueueId _id;
    private byte[]? _buffer;
    private byte[]? _spare;
    private int _filled;
    private int _number;
    private Task _pending = Task.CompletedTask;
    private long _length;
    private uint _crc;
    private bool _isComplete;

    /// <summary>Begins a content; nothing is sent before there is a piece of it.</summary>
    public RedisContentWriter(PieceStore pieces, int place, QueueId id)
    {
        _pieces = pieces;
        _place = place;
        _id = id;
    }

    /// <inheritdoc/>
    public override long Length => _length;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _crc = Crc32C.Append(_crc, bytes.Span);
        _length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            _buffer ??= ArrayPool<byte>.Shared.Rent(PieceStore.PieceOctets);
            int count = Math.Min(bytes.Length, PieceStore.PieceOctets - _filled);
            bytes.Span[..count].CopyTo(_buffer.AsSpan(_filled));
            bytes = bytes[count..];
            _filled += count;
            if (_filled == PieceStore.PieceOctets)
                await SendAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<MessageContent> CompleteAsync(ContentTraits traits, CancellationToken cancellationToken)
    {
        if (_filled > 0 || _number == 0)
            await SendAsync(cancellationToken).ConfigureAwait(false);
        await EndPendingAsync(cancellationToken).ConfigureAwait(false);
        _isComplete = true;
        var content = new RedisContent(_pieces, _place, _id, _length, _crc, traits);
        _pieces.Unnamed(_place, _id);
        return content;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // A buffer whose sending has not ended stays with the connection.
        if (_pending.IsCompletedSuccessfully)
        {
            if (_spare is not null)
                ArrayPool<byte>.Shared.Return(_spare);
            if (_buffer is not null)
                ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = _spare = null;
        if (!_isComplete && _number > 0)
            _pieces.Delete(_place, _id);
        _isComplete = true;
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        await EndPendingAsync(cancellationToken).ConfigureAwait(false);
        _pending = _pieces.WriteAsync(_place, _id, _number++, _buffer.AsMemory(0, _filled));
        (_buffer, _spare, _filled) = (_spare, _buffer, 0);
    }

    private async ValueTask EndPendingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _pending.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception trouble) when (RedisFault.IsKnown(trouble))
        {
            throw RedisFault.Translate(trouble);
        }
    }
}
