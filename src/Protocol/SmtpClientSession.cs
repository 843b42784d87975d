using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Client;
using SlimtaFast.Protocol.Replies;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol;

/// <summary>
/// Speaks SMTP or LMTP as a client over a connection that it owns: opened once, then any number of transactions, then quit. Whatever
/// the server or the network does is a result, never an exception; only cancellation throws, and like every failure it leaves the
/// session unusable. One caller at a time.
/// </summary>
public sealed class SmtpClientSession : IAsyncDisposable
{
    private readonly SmtpClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ReplyReader _reader;
    private readonly ClientTransaction _transaction;
    private readonly SmtpClientTls _tls;
    private readonly string _serverName;
    private SmtpClientStage _stage;
    private bool _isOpen;

    /// <summary>Prepares a session; <see cref="OpenAsync"/> greets.</summary>
    /// <param name="connection">The connection; the session owns it.</param>
    /// <param name="options">How to speak.</param>
    /// <param name="serverName">The host's name or address, which TLS asks for and checks; null where it has none.</param>
    /// <param name="time">The clock by which deadlines of messages are told; null for the system's.</param>
    public SmtpClientSession(Connection connection, SmtpClientOptions options, string? serverName = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        Connection = connection;
        _options = options;
        _tls = options.Tls;
        _serverName = serverName ?? "";
        _time = time ?? TimeProvider.System;
        _reader = new ReplyReader(connection.Input);
        _transaction = new ClientTransaction(connection, options, _reader, _time);
    }

    /// <summary>The connection.</summary>
    public Connection Connection { get; }

    /// <summary>What the server offers; nothing before <see cref="OpenAsync"/>.</summary>
    public SmtpExtensions Extensions { get; private set; } = SmtpExtensions.None;

    /// <summary>Why the session broke, or <see cref="SmtpClientFailure.None"/>.</summary>
    public SmtpClientFailure Failure { get; private set; }

    /// <summary>Where it broke, or where the server refused it.</summary>
    public SmtpClientStage FailedAt { get; private set; }

    /// <summary>Why it broke, for people; null where it did not.</summary>
    public string? Problem { get; private set; }

    /// <summary>Transactions that were begun.</summary>
    public int Transactions { get; private set; }

    /// <summary>True where another transaction may be begun: open, not broken, not told to go, and nothing unasked has come.</summary>
    public bool IsUsable => _isOpen && Failure == SmtpClientFailure.None && !_transaction.IsClosing && !_reader.HasUnread;

    /// <summary>
    /// Reads the greeting, says hello, and authenticates where there are credentials. The reply is positive where the session is open; negative where the server refused; none
    /// where the session broke (<see cref="Failure"/>).
    /// </summary>
    public async ValueTask<SmtpReply> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            SmtpReply reply = await GreetAsync(cancellationToken);
            if (!_isOpen)
                FailedAt = _stage;
            return reply;
        }
        catch (Exception trouble) when (Record(trouble))
        {
            return default;
        }
    }

    /// <summary>
    /// Whether the server can take a message as it is. None where it can; otherwise the reply with which the session itself would
    /// refuse it: 552 5.3.4 (larger than SIZE allows), 553 5.6.7 (needs SMTPUTF8), 554 5.6.3 (needs 8BITMIME or BINARYMIME), 554 5.3.3 (has a deadline that the
    /// server does not know of), 554 5.4.7 (the deadline is over, or too near for the server).
    /// </summary>
    /// <param name="envelope">The message.</param>
    /// <param name="recipients">For whom.</param>
    public SmtpReply CheckSendable(Envelope envelope, IReadOnlyList<Recipient> recipients)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(recipients);
        return SendableRules.Check(envelope, recipients, Extensions, _options.Lmtp, _time);
    }

    /// <summary>Runs one transaction. The caller holds a reference to the content until the task ends.</summary>
    /// <param name="envelope">The message.</param>
    /// <param name="recipients">For whom of the envelope's recipients; at least one.</param>
    /// <param name="isCautious">
    /// True where the content must not leave before a recipient is accepted, such as on a connection that has been idle: a server that
    /// closed it meanwhile then certainly has no message.
    /// </param>
    /// <param name="cancellationToken">Gives up; the connection is aborted.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<SmtpTransactionResult> SendAsync(
        Envelope envelope, IReadOnlyList<Recipient> recipients, bool isCautious, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(recipients);
        ArgumentOutOfRangeException.ThrowIfZero(recipients.Count);
        if (!_isOpen || Failure != SmtpClientFailure.None)
            throw new InvalidOperationException("The session is not open.");
        _transaction.Begin(recipients.Count);
        SmtpReply refusal = SendableRules.Check(envelope, recipients, Extensions, _options.Lmtp, _time);
        if (!refusal.IsNone)
        {
            _transaction.Refuse(refusal);
            return _transaction.End(SmtpClientFailure.None);
        }

        Transactions++;
        try
        {
            await _transaction.RunAsync(envelope, recipients, Extensions, isCautious, cancellationToken);
        }
        catch (Exception trouble)
        {
            _stage = _transaction.Stage;
            if (!Record(trouble))
                throw;
        }

        return _transaction.End(Failure);
    }

    /// <summary>
    /// True where the server has sent something or closed while nothing was asked, so that the session is of no more use. Does not wait.
    /// </summary>
    public bool HasEnded()
    {
        if (!IsUsable)
            return true;
        try
        {
            if (!_reader.PeekUnsolicited())
                return false;
            Record(new SmtpClientException(SmtpClientFailure.ConnectionLost, "The server ended the session while it was idle."));
        }
        catch (Exception trouble) when (Record(trouble))
        {
            // It broke while nobody read from it.
        }

        return true;
    }

    /// <summary>Says QUIT where that is possible, waits shortly for the answer, which decides nothing, and closes the connection.</summary>
    public async ValueTask QuitAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (Failure == SmtpClientFailure.None && !_transaction.IsClosing && !_reader.HasUnread)
            {
                ClientCommandWriter.WriteQuit(Connection.Output);
                Connection.SetDeadline(_options.QuitTimeout);
                await Connection.Output.FlushAsync(cancellationToken);
                await _reader.ReadAsync(ReplyText.IfNegative, cancellationToken);
            }
        }
        catch (Exception trouble) when (Record(trouble))
        {
            // A server that is gone has no need of a farewell.
        }
        finally
        {
            await DisposeAsync();
        }
    }

    /// <summary>Closes the connection without QUIT.</summary>
    public ValueTask DisposeAsync()
    {
        _isOpen = false;
        return Connection.DisposeAsync();
    }

    private async ValueTask<SmtpReply> GreetAsync(CancellationToken cancellationToken)
    {
        if (_tls is { Implicit: true, Policy: not SmtpTlsPolicy.Off })
            await ShakeHandsAsync(cancellationToken);
        _stage = SmtpClientStage.Greeting;
        Connection.SetDeadline(_options.GreetingTimeout);
        SmtpReply greeting = await _reader.ReadAsync(ReplyText.Always, cancellationToken);
        if (!greeting.IsPositive || greeting.Closes)
            return greeting.Code >= 400 ? greeting : throw NotAnAnswer(greeting);
        _stage = SmtpClientStage.Hello;
        SmtpReply hello = await SayHelloAsync(_options.Lmtp, isExtended: true, cancellationToken);
        if (hello.IsPermanent && !_options.Lmtp)
        {
            // RFC 5321 section 3.2: a server that does not know EHLO gets HELO.
            SmtpReply plain = await SayHelloAsync(lmtp: false, isExtended: false, cancellationToken);
            if (!plain.IsPositive || plain.Closes)
                return plain.Code >= 400 ? plain : throw NotAnAnswer(plain);
            if (Connection.TlsFacts is null)
                ThrowIfRequired();
            return await AuthenticateAsync(plain, cancellationToken);
        }

        if (!hello.IsPositive || hello.Closes)
            return hello.Code >= 400 ? hello : throw NotAnAnswer(hello);
        Extensions = SmtpExtensions.Parse(hello);
        if (Connection.TlsFacts is null && _tls.Policy != SmtpTlsPolicy.Off && await StartTlsAsync(cancellationToken))
        {
            // RFC 3207 section 4.2: what was said in clear is forgotten on both sides, and the server must be asked anew.
            Extensions = SmtpExtensions.None;
            _stage = SmtpClientStage.Hello;
            hello = await SayHelloAsync(_options.Lmtp, isExtended: true, cancellationToken);
            if (!hello.IsPositive || hello.Closes)
                return hello.Code >= 400 ? hello : throw NotAnAnswer(hello);
            Extensions = SmtpExtensions.Parse(hello);
        }

        return await AuthenticateAsync(hello, cancellationToken);
    }

    // Opens the session: the answer to the hello, or the refusal of our credentials.
    private async ValueTask<SmtpReply> AuthenticateAsync(SmtpReply hello, CancellationToken cancellationToken)
    {
        if (_options.Credentials is not null)
        {
            _stage = SmtpClientStage.Authentication;
            if (_reader.HasUnread)
                throw new SmtpClientException(SmtpClientFailure.ProtocolError, "The server sent a reply that nothing asked for.");
            SmtpReply answer = await new ClientAuthentication(Connection, _reader, _options.Credentials, _options.HelloTimeout).RunAsync(Extensions, cancellationToken);
            if (!answer.IsPositive)
                return answer;
        }

        _isOpen = true;
        return hello;
    }

    // True where the session goes on under TLS, false where it goes on in clear.
    private async ValueTask<bool> StartTlsAsync(CancellationToken cancellationToken)
    {
        _stage = SmtpClientStage.Tls;
        if (!Extensions.StartTls)
        {
            ThrowIfRequired();
            return false;
        }

        ThrowIfUnread();
        ClientCommandWriter.WriteStartTls(Connection.Output);
        Connection.SetDeadline(_options.HelloTimeout);
        await Connection.Output.FlushAsync(cancellationToken);
        SmtpReply answer = await _reader.ReadAsync(ReplyText.Always, cancellationToken);
        if (answer.Code >= 400 && !answer.Closes && !_tls.IsRequired)
            return false;
        if (answer.Code != 220)
            throw new SmtpClientException(_tls.IsRequired ? SmtpClientFailure.TlsUnavailable : SmtpClientFailure.TlsFailed, $"The server answered STARTTLS with {answer}.");

        // What came with the answer came in clear, from anybody, and must never be read as if it had come under TLS (CVE-2021-38371).
        ThrowIfUnread();
        await ShakeHandsAsync(cancellationToken);
        return true;
    }

    private async ValueTask ShakeHandsAsync(CancellationToken cancellationToken)
    {
        _stage = SmtpClientStage.Tls;
        Connection.SetDeadline(_tls.HandshakeTimeout);
        try
        {
            await Connection.AuthenticateAsClientAsync(_tls.MakeSettings(), _serverName, cancellationToken);
        }
        catch (IOException failure)
        {
            // Some servers end a handshake that they do not like with a plain close.
            throw new SmtpClientException(SmtpClientFailure.TlsFailed, failure.Message);
        }

        _reader.Attach(Connection.Input);
    }

    private void ThrowIfRequired()
    {
        if (_tls.IsRequired)
            throw new SmtpClientException(SmtpClientFailure.TlsUnavailable, "The server does not offer STARTTLS.");
    }

    private void ThrowIfUnread()
    {
        if (_reader.HasUnread)
            throw new SmtpClientException(SmtpClientFailure.ProtocolError, "The server sent a reply that nothing asked for.");
    }

    private async ValueTask<SmtpReply> SayHelloAsync(bool lmtp, bool isExtended, CancellationToken cancellationToken)
    {
        ThrowIfUnread();
        ClientCommandWriter.WriteHello(Connection.Output, lmtp ? "LHLO"u8 : isExtended ? "EHLO"u8 : "HELO"u8, _options.HelloName);
        Connection.SetDeadline(_options.HelloTimeout);
        await Connection.Output.FlushAsync(cancellationToken);
        return await _reader.ReadAsync(isExtended ? ReplyText.Lines : ReplyText.Always, cancellationToken);
    }

    private static SmtpClientException NotAnAnswer(SmtpReply reply) =>
        new(SmtpClientFailure.ProtocolError, $"The server answered {reply.Code}, which neither takes nor refuses.");

    // True where the exception is the server's or the network's doing, which is a result.
    private bool Record(Exception trouble)
    {
        Failure = trouble switch
        {
            SmtpClientException own => own.Failure,
            TimeoutException => SmtpClientFailure.Timeout,
            _ => SmtpClientFailure.ConnectionLost,
        };
        FailedAt = _stage;
        Problem = trouble.Message;
        Connection.Abort();
        return trouble is SmtpClientException or IOException or TimeoutException or System.Net.Sockets.SocketException;
    }
}
