using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Client;

/// <summary>
/// Reads one reply after the other from a connection. Replies that arrived together are taken out of one read. Fails with
/// <see cref="SmtpClientException"/>, or with what the connection fails with. One caller at a time.
/// </summary>
internal sealed class ReplyReader
{
    private PipeReader _input;
    private readonly ReplyParser _parser = new();
    private ReadOnlySequence<byte> _unread;

    /// <summary>Reads from a connection's input.</summary>
    public ReplyReader(PipeReader input) => _input = input;

    /// <summary>Goes on with another input; nothing may be unread.</summary>
    public void Attach(PipeReader input) => _input = input;

    /// <summary>True where bytes have arrived behind the last reply, which nothing asked for when no command is open.</summary>
    public bool HasUnread { get; private set; }

    /// <summary>
    /// True where something has arrived, or the server has closed, while nothing was asked: looks without waiting.
    /// </summary>
    public bool PeekUnsolicited()
    {
        if (HasUnread)
            return true;
        if (!_input.TryRead(out ReadResult result))
            return false;
        bool isOdd = result.IsCompleted || !result.Buffer.IsEmpty;
        _input.AdvanceTo(result.Buffer.Start);
        return isOdd;
    }

    /// <summary>Reads the next reply.</summary>
    public ValueTask<SmtpReply> ReadAsync(ReplyText kind, CancellationToken cancellationToken)
    {
        if (HasUnread && TryTake(kind, out SmtpReply reply))
            return ValueTask.FromResult(reply);
        return ReceiveAsync(kind, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<SmtpReply> ReceiveAsync(ReplyText kind, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await _input.ReadAsync(cancellationToken);
            _unread = result.Buffer;
            HasUnread = true;
            if (TryTake(kind, out SmtpReply reply))
                return reply;
            if (result.IsCompleted)
                throw new SmtpClientException(SmtpClientFailure.ConnectionLost, "The server closed the connection.");
        }
    }

    private bool TryTake(ReplyText kind, out SmtpReply reply)
    {
        ReplyParseStatus status = _parser.Parse(ref _unread, kind, out reply);
        if (status == ReplyParseStatus.Done)
        {
            if (_unread.IsEmpty)
                Advance(_unread.End);
            return true;
        }

        // An examined end, so that the next read waits for more.
        Advance(_unread.End);
        return status == ReplyParseStatus.NeedMore
            ? false
            : throw new SmtpClientException(SmtpClientFailure.ProtocolError, status == ReplyParseStatus.TooLong ? "The server's reply is too long." : "The server sent something that is not a reply.");
    }

    private void Advance(SequencePosition examined)
    {
        _input.AdvanceTo(_unread.Start, examined);
        _unread = default;
        HasUnread = false;
    }
}
