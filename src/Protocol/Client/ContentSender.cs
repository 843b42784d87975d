using System.Buffers;
using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Data;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Client;

/// <summary>
/// Sends a message's added header fields and content, for DATA or for BDAT, from where they lie: what is in memory goes out without a
/// copy, what is not streams through one pooled block. One caller at a time.
/// </summary>
internal sealed class ContentSender
{
    private const int BlockSize = 64 * 1024;

    private readonly Connection _connection;
    private readonly TimeSpan _blockTimeout;
    private readonly GatherChain _chain = new();
    private DotEncoder _encoder;

    /// <summary>Sends to a connection; each block may take <paramref name="blockTimeout"/> to leave.</summary>
    public ContentSender(Connection connection, TimeSpan blockTimeout)
    {
        _connection = connection;
        _blockTimeout = blockTimeout;
    }

    /// <summary>Lets go of the message after a failure.</summary>
    public void Clear() => _chain.Clear();

    /// <summary>Sends the message dot-stuffed and its end; fails, with the connection no longer usable, where it holds a bare line end.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendDataAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        MessageContent content = envelope.Content;
        bool scan = (content.Traits & ContentTraits.LeadingDot) != 0;
        _encoder = default;
        await EncodeAsync(envelope.AddedHeaders, scan: true, cancellationToken);
        if (content.TryGetMemory(out ReadOnlySequence<byte> bytes))
        {
            foreach (ReadOnlyMemory<byte> piece in bytes)
                await EncodeAsync(piece, scan, cancellationToken);
        }
        else
        {
            byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
            try
            {
                for (long offset = 0; offset < content.Length;)
                {
                    int read = await FillAsync(content, offset, block, cancellationToken);
                    await EncodeAsync(block.AsMemory(0, read), scan, cancellationToken);
                    await FlushAsync(cancellationToken);
                    offset += read;
                }
            }
            finally
            {
                _chain.Clear();
                ArrayPool<byte>.Shared.Return(block);
            }
        }

        if (!_encoder.TryFinish(out ReadOnlyMemory<byte> end))
            throw BareLineEnd();
        _chain.Add(end);
        await FlushAsync(cancellationToken);
    }

    /// <summary>Sends the message as it is, behind whatever the connection's output holds unflushed.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendRawAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        MessageContent content = envelope.Content;
        _chain.Add(envelope.AddedHeaders);
        if (content.TryGetMemory(out ReadOnlySequence<byte> bytes))
        {
            foreach (ReadOnlyMemory<byte> piece in bytes)
                _chain.Add(piece);
            await FlushAsync(cancellationToken);
            return;
        }

        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            for (long offset = 0; offset < content.Length;)
            {
                int read = await FillAsync(content, offset, block, cancellationToken);
                _chain.Add(block.AsMemory(0, read));
                await FlushAsync(cancellationToken);
                offset += read;
            }

            await FlushAsync(cancellationToken);
        }
        finally
        {
            _chain.Clear();
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>Sends constant bytes.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _chain.Add(bytes);
        await FlushAsync(cancellationToken);
    }

    private static SmtpClientException BareLineEnd() =>
        new(SmtpClientFailure.ContentUnavailable, "The message holds a CR or LF outside a CRLF pair, which DATA must not carry.");

    private static async ValueTask<int> FillAsync(MessageContent content, long offset, byte[] block, CancellationToken cancellationToken)
    {
        int wanted = (int)Math.Min(BlockSize, content.Length - offset);
        int filled = 0;
        try
        {
            while (filled < wanted)
            {
                int read = await content.ReadAsync(offset + filled, block.AsMemory(filled, wanted - filled), cancellationToken);
                if (read == 0)
                    throw new SmtpClientException(SmtpClientFailure.ContentUnavailable, "The message is shorter on its medium than its head says.");
                filled += read;
            }
        }
        catch (Exception trouble) when (trouble is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            // Our own medium's trouble must not be taken for the connection's.
            throw new SmtpClientException(SmtpClientFailure.ContentUnavailable, "The message could not be read from its medium: " + trouble.Message, trouble);
        }

        return filled;
    }

    private ValueTask EncodeAsync(ReadOnlyMemory<byte> piece, bool scan, CancellationToken cancellationToken)
    {
        Encode(ref piece, scan);
        return piece.IsEmpty && _chain.Count < GatherChain.Most ? ValueTask.CompletedTask : EncodeRestAsync(piece, scan, cancellationToken);
    }

    private async ValueTask EncodeRestAsync(ReadOnlyMemory<byte> piece, bool scan, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        while (!piece.IsEmpty)
        {
            Encode(ref piece, scan);
            await FlushAsync(cancellationToken);
        }
    }

    // As much of the piece as one write should carry.
    private void Encode(ref ReadOnlyMemory<byte> piece, bool scan)
    {
        bool refused = false;
        while (_chain.Count < GatherChain.Most && _encoder.TryNext(ref piece, scan, out ReadOnlyMemory<byte> slice, out refused))
            _chain.Add(slice);
        if (refused)
            throw BareLineEnd();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        _connection.SetDeadline(_blockTimeout);
        await _connection.SendAsync(_chain.ToSequence(), cancellationToken);
        _chain.Clear();
    }
}
