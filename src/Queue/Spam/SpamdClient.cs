using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace SlimtaFast.Queue.Spam;

/// <summary>Asks spamd about one message on a connection of its own, as its protocol has it. Messages are streamed. Thread-safe.</summary>
internal sealed class SpamdClient : IDisposable
{
    private const int PieceLength = 32 * 1024;

    private readonly SpamAssassinOptions _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turns;

    /// <summary>Connects to nothing yet.</summary>
    public SpamdClient(SpamAssassinOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _turns = new SemaphoreSlim(options.MaxScans, options.MaxScans);
    }

    /// <summary>The verdict on a message. Fails with <see cref="SpamdException"/>, or as reading the message does.</summary>
    public async ValueTask<SpamdVerdict> ScanAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.Timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        bool isMyTurn = false;
        try
        {
            await _turns.WaitAsync(both.Token);
            isMyTurn = true;
            return await AskAsync(message, both.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SpamdException($"spamd did not answer within {_options.Timeout}.");
        }
        catch (SocketException trouble)
        {
            throw new SpamdException($"spamd cannot be reached: {trouble.Message}", trouble);
        }
        finally
        {
            if (isMyTurn)
                _turns.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private async ValueTask<SpamdVerdict> AskAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        await using Stream connection = await ConnectAsync(cancellationToken);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(SpamdReplyParser.Longest + 1);
        try
        {
            await SendAsync(message, connection, buffer.AsMemory(0, PieceLength), cancellationToken);
            return await ReadReplyAsync(connection, buffer.AsMemory(0, SpamdReplyParser.Longest + 1), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask SendAsync(IncomingMessage message, Stream connection, Memory<byte> piece, CancellationToken cancellationToken)
    {
        await using Stream octets = message.OpenStream();
        string user = _options.User.Length > 0 ? $"User: {_options.User}\r\n" : "";
        string head = string.Create(CultureInfo.InvariantCulture, $"SYMBOLS SPAMC/1.5\r\nContent-length: {octets.Length}\r\n{user}\r\n");
        await WriteAsync(connection, Encoding.ASCII.GetBytes(head), cancellationToken);
        int read;
        while ((read = await octets.ReadAsync(piece, cancellationToken)) > 0)
            await WriteAsync(connection, piece[..read], cancellationToken);
    }

    // What fails in reading the message is no fault of spamd.
    private static async ValueTask WriteAsync(Stream connection, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await connection.WriteAsync(bytes, cancellationToken);
        }
        catch (IOException trouble)
        {
            throw new SpamdException($"spamd took no more: {trouble.Message}", trouble);
        }
    }

    private static async ValueTask<SpamdVerdict> ReadReplyAsync(Stream connection, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int length = 0;
        while (true)
        {
            int read;
            try
            {
                read = await connection.ReadAsync(buffer[length..], cancellationToken);
            }
            catch (IOException trouble)
            {
                throw new SpamdException($"spamd's answer broke off: {trouble.Message}", trouble);
            }

            length += read;
            switch (SpamdReplyParser.Parse(buffer.Span[..length], isEnd: read == 0, out SpamdVerdict? verdict))
            {
                case SpamdReplyStatus.Done:
                    return verdict!;
                case SpamdReplyStatus.Bad:
                    throw new SpamdException(length == 0 ? "spamd closed the connection without an answer." : "spamd answered what cannot be used.");
                default:
                    break;
            }
        }
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_options.Connect is { } connect)
            return await connect(cancellationToken);
        bool isLocal = _options.EndPoint is UnixDomainSocketEndPoint;
        Socket socket = isLocal ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(_options.EndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
