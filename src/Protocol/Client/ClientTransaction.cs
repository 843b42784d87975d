using System.Buffers;
using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Replies;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Client;

/// <summary>
/// One transaction as a client: RSET where an earlier one was left open, MAIL, each RCPT, and the content by DATA or BDAT. Commands are
/// numbered steps, sent in bursts where the server pipelines and one by one where not; each reply belongs to the oldest step without
/// one. A session uses one object for all its transactions. Failures are exceptions, which the session turns into a result.
/// </summary>
internal sealed class ClientTransaction
{
    // RFC 2920 section 3.1: a client must not send so much ahead that neither side reads. Replies to so many fit any socket buffer.
    private const int StepsPerBurst = 100;

    private const int ResetStep = -1;
    private const int MailStep = 0;

    private static readonly ReadOnlyMemory<byte> LoneDot = ".\r\n"u8.ToArray();
    private static readonly TimeSpan LastWordTimeout = TimeSpan.FromSeconds(5);

    private readonly Connection _connection;
    private readonly SmtpClientOptions _options;
    private readonly ReplyReader _reader;
    private readonly ContentSender _sender;
    private readonly TimeProvider _time;
    private SmtpRecipientReply[] _replies = new SmtpRecipientReply[4];
    private int _count;
    private int _accepted;
    private bool _mailAccepted;
    private bool _mailRefused;
    private bool _dataOpen;
    private bool _needsReset;
    private bool _contentLeft;
    private bool _contentAnswered;
    private bool _recipientsAnswered;
    private bool _smtpUtf8;

    /// <summary>Runs over a connection.</summary>
    public ClientTransaction(Connection connection, SmtpClientOptions options, ReplyReader reader, TimeProvider time)
    {
        _connection = connection;
        _options = options;
        _reader = reader;
        _time = time;
        _sender = new ContentSender(connection, options.BlockTimeout);
    }

    /// <summary>Where it stands.</summary>
    public SmtpClientStage Stage { get; private set; }

    /// <summary>True where the server said 421: nothing more can be sent.</summary>
    public bool IsClosing { get; private set; }

    /// <summary>Starts over for so many recipients.</summary>
    public void Begin(int recipients)
    {
        if (_replies.Length < recipients)
            _replies = new SmtpRecipientReply[recipients];
        Array.Clear(_replies);
        _count = recipients;
        _accepted = 0;
        _mailAccepted = _mailRefused = _dataOpen = _contentLeft = _contentAnswered = _recipientsAnswered = false;
        Stage = SmtpClientStage.Local;
    }

    /// <summary>The result, where the session broke with <paramref name="failure"/> or not at all.</summary>
    public SmtpTransactionResult End(SmtpClientFailure failure)
    {
        _needsReset |= _mailAccepted && !_contentAnswered;
        _sender.Clear();
        bool possiblyDelivered = false;
        if (failure != SmtpClientFailure.None)
        {
            // A broken LMTP session may have told of some recipients; of the others nothing is known.
            possiblyDelivered = _contentLeft && !_contentAnswered && !_mailRefused && !(_recipientsAnswered && _accepted == 0);
            for (int i = 0; i < _count; i++)
            {
                if (IsAccepted(i))
                    _replies[i] = new SmtpRecipientReply(default, Stage);
            }
        }

        return new SmtpTransactionResult(_replies, _count, failure, Stage, possiblyDelivered);
    }

    /// <summary>Gives all recipients the same answer without asking the server.</summary>
    public void Refuse(SmtpReply reply) => FillOpen(reply, SmtpClientStage.Local);

    /// <summary>Runs the dialogue until each recipient has its answer, or the server says 421.</summary>
    /// <param name="envelope">The message.</param>
    /// <param name="recipients">For whom of the envelope's recipients.</param>
    /// <param name="extensions">What the server offers.</param>
    /// <param name="isCautious">True where the content must not leave before a recipient is accepted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask RunAsync(
        Envelope envelope, IReadOnlyList<Recipient> recipients, SmtpExtensions extensions, bool isCautious, CancellationToken cancellationToken)
    {
        bool pipelining = _options.Pipelining && extensions.Pipelining;
        bool chunking = (_options.Chunking && extensions.Chunking) || ClientCommandWriter.NeedsBinary(envelope);
        // RFC 2033 section 4.3: without an accepted recipient BDAT LAST has no answer, or one from servers that do not know that. So under
        // LMTP the content waits until there is one.
        // The content is asked where it is, not for its octets: those that are handed out count as sent.
        bool inMemory = envelope.Content.OctetsInMemory >= envelope.Content.Length;
        bool gathered = chunking && pipelining && !_options.Lmtp && !isCautious && envelope.Length <= _options.GatherLimit && inMemory;
        _smtpUtf8 = extensions.SmtpUtf8 && (envelope.SmtpUtf8 || SendableRules.HasUtf8Address(envelope, recipients));
        int lastRecipient = recipients.Count;
        int lastStep = gathered || !chunking ? lastRecipient + 1 : lastRecipient;
        int sent = _needsReset ? ResetStep : MailStep;
        int answered = sent;
        Stage = SmtpClientStage.Mail;
        do
        {
            if (_reader.HasUnread)
                throw Unexpected();
            int burstEnd = pipelining ? Math.Min(sent + StepsPerBurst, lastStep) : sent;
            for (; sent <= burstEnd; sent++)
                WriteStep(sent, envelope, recipients, extensions, gathered);
            if (gathered && sent > lastStep)
            {
                await _sender.SendRawAsync(envelope, cancellationToken);
                _contentLeft = true;
            }
            else
            {
                await _connection.Output.FlushAsync(cancellationToken);
            }

            int toAnswer = gathered ? Math.Min(sent, lastRecipient + 1) : sent;
            for (; answered < toAnswer; answered++)
            {
                EnterStage(answered == lastRecipient + 1 ? SmtpClientStage.Data : answered > MailStep ? SmtpClientStage.Recipient : SmtpClientStage.Mail);
                AcceptStep(answered, await _reader.ReadAsync(ReplyText.IfNegative, cancellationToken));
                if (IsClosing)
                    return;
            }

            _recipientsAnswered = answered > lastRecipient;
        }
        while (sent <= lastStep && (sent == MailStep || _mailAccepted) && !(_recipientsAnswered && _accepted == 0));

        if (_dataOpen && _accepted == 0)
            await SendLoneDotAsync(cancellationToken);
        else if (!gathered && (chunking ? _accepted > 0 : _dataOpen))
            await SendContentAsync(envelope, chunking, cancellationToken);
        if (_contentLeft && !IsClosing)
            await ReadAnswersAsync(cancellationToken);
    }

    private static SmtpClientException Unexpected() =>
        new(SmtpClientFailure.ProtocolError, "The server sent a reply that nothing asked for.");

    private static SmtpClientException WrongReply(SmtpReply reply, SmtpClientStage stage) =>
        new(SmtpClientFailure.ProtocolError, $"The server answered {reply.Code}, which is no answer at this stage ({stage}).");

    private bool IsAccepted(int recipient) => _replies[recipient] is { Stage: SmtpClientStage.Recipient, Reply.IsPositive: true };

    private void WriteStep(int step, Envelope envelope, IReadOnlyList<Recipient> recipients, SmtpExtensions extensions, bool gathered)
    {
        var output = _connection.Output;
        if (step == ResetStep)
            output.Write("RSET\r\n"u8);
        else if (step == MailStep)
            ClientCommandWriter.WriteMail(output, envelope, extensions, _smtpUtf8, _time);
        else if (step <= recipients.Count)
            ClientCommandWriter.WriteRecipient(output, recipients[step - 1], extensions, _smtpUtf8);
        else if (gathered)
            ClientCommandWriter.WriteLastChunk(output, envelope.Length);
        else
            output.Write("DATA\r\n"u8);
    }

    private void AcceptStep(int step, SmtpReply reply)
    {
        bool isPositive = reply.IsPositive && !reply.Closes;
        bool isNegative = reply.Code >= 400;
        if (reply.Code == 421)
        {
            IsClosing = true;
            FillOpen(reply, Stage);
            return;
        }

        if (Stage == SmtpClientStage.Data ? !isNegative && reply.Code != 354 : !isPositive && !isNegative)
            throw WrongReply(reply, Stage);
        if (step == ResetStep)
        {
            _needsReset = isPositive ? false : throw WrongReply(reply, Stage);
        }
        else if (step == MailStep)
        {
            _mailAccepted = isPositive;
            _mailRefused = !isPositive;
            if (_mailRefused)
                FillOpen(reply, Stage);
        }
        else if (Stage == SmtpClientStage.Data)
        {
            _dataOpen = !isNegative;
            if (isNegative)
                FillOpen(reply, Stage);
        }
        else if (_mailAccepted)
        {
            _replies[step - 1] = new SmtpRecipientReply(reply, Stage);
            if (isPositive)
                _accepted++;
        }
    }

    // Each recipient that has no negative answer yet.
    private void FillOpen(SmtpReply reply, SmtpClientStage stage)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_replies[i].Reply.IsNone || IsAccepted(i))
                _replies[i] = new SmtpRecipientReply(reply, stage);
        }
    }

    // RFC 2920 section 3.1: DATA was pipelined and accepted although no recipient was. An empty message ends it; its answer is a formality.
    private async ValueTask SendLoneDotAsync(CancellationToken cancellationToken)
    {
        await _sender.SendAsync(LoneDot, cancellationToken);
        EnterStage(SmtpClientStage.Final);
        SmtpReply reply = await _reader.ReadAsync(ReplyText.IfNegative, cancellationToken);
        IsClosing = reply.Closes;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendContentAsync(Envelope envelope, bool chunking, CancellationToken cancellationToken)
    {
        if (_reader.HasUnread)
            throw Unexpected();
        Stage = SmtpClientStage.Content;
        try
        {
            if (chunking)
            {
                ClientCommandWriter.WriteLastChunk(_connection.Output, envelope.Length);
                await _sender.SendRawAsync(envelope, cancellationToken);
            }
            else
            {
                await _sender.SendDataAsync(envelope, cancellationToken);
            }

            _contentLeft = true;
        }
        catch (IOException)
        {
            // A server that has read enough may answer and close without reading on: its last word decides.
            if (!await TryTakeLastWordAsync(cancellationToken))
                throw;
        }
    }

    private async ValueTask<bool> TryTakeLastWordAsync(CancellationToken cancellationToken)
    {
        try
        {
            _connection.SetDeadline(LastWordTimeout);
            SmtpReply reply = await _reader.ReadAsync(ReplyText.Always, cancellationToken);
            if (reply.Code < 400)
                return false;
            FillOpen(reply, SmtpClientStage.Content);
            IsClosing = true;
            return true;
        }
        catch (Exception trouble) when (trouble is IOException or TimeoutException or SmtpClientException)
        {
            return false;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReadAnswersAsync(CancellationToken cancellationToken)
    {
        EnterStage(SmtpClientStage.Final);
        if (_accepted == 0 || !_options.Lmtp)
        {
            SmtpReply reply = await ReadAnswerAsync(cancellationToken);
            _contentAnswered = _accepted > 0;
            FillOpen(reply, SmtpClientStage.Final);
            return;
        }

        // RFC 2033 section 4.2: a reply for each accepted recipient, in their order.
        for (int i = 0; i < _count; i++)
        {
            if (!IsAccepted(i))
                continue;
            SmtpReply reply = await ReadAnswerAsync(cancellationToken);
            if (IsClosing)
            {
                FillOpen(reply, SmtpClientStage.Final);
                return;
            }

            _replies[i] = new SmtpRecipientReply(reply, SmtpClientStage.Final);
        }

        _contentAnswered = true;
    }

    private async ValueTask<SmtpReply> ReadAnswerAsync(CancellationToken cancellationToken)
    {
        SmtpReply reply = await _reader.ReadAsync(ReplyText.Always, cancellationToken);
        IsClosing = reply.Code == 421;
        return reply.Code >= 400 || (reply.IsPositive && !reply.Closes) ? reply : throw WrongReply(reply, SmtpClientStage.Final);
    }

    private void EnterStage(SmtpClientStage stage)
    {
        Stage = stage;
        if (_reader.HasUnread)
            return;
        _connection.SetDeadline(stage switch
        {
            SmtpClientStage.Mail => _options.MailTimeout,
            SmtpClientStage.Recipient => _options.RecipientTimeout,
            SmtpClientStage.Data => _options.DataTimeout,
            _ => _options.FinalTimeout,
        });
    }
}
