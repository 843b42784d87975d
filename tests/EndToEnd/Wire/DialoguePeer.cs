using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>
/// One end of a connection, client's or server's, that says exactly what it is told and believes nothing: a line that it reads ends
/// with CRLF and holds no other control character. What comes is received all the time, so that neither side ever waits for the other
/// to read. One caller at a time.
/// </summary>
internal sealed class DialoguePeer : IAsyncDisposable
{
    private const int LongestTranscript = 16_000;

    private readonly Socket _socket;
    private readonly TimeSpan _patience;
    private readonly List<Task> _receiving = [];
    private Stream _stream;
    private Pipe _received = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly StringBuilder _transcript = new();
    private bool _isGone;

    /// <summary>Takes a connected socket over, and the stream through which it speaks.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="stream">The plain stream of the socket, or what encrypts it.</param>
    /// <param name="patience">How long to wait for what has to come.</param>
    /// <param name="heard">What has come already.</param>
    public DialoguePeer(Socket socket, Stream stream, TimeSpan patience, ReadOnlyMemory<byte> heard = default)
    {
        _socket = socket;
        _stream = stream;
        _patience = patience;
        socket.NoDelay = true;
        _received.Writer.Write(heard.Span);
        _receiving.Add(ReceiveAsync(stream, _received.Writer));
    }

    /// <summary>What was said so far, for messages.</summary>
    public string Transcript => _transcript.ToString();

    /// <summary>Connects, under TLS to a server with a certificate of ours.</summary>
    public static async Task<DialoguePeer> ConnectAsync(IPEndPoint endPoint, Cover cover, TimeSpan patience)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint);
            var plain = new NetworkStream(socket);
            if (cover == Cover.Plain)
                return new DialoguePeer(socket, plain, patience);
            byte[] ready = cover == Cover.StartTls ? await StartTlsAsync(plain, patience) : [];
            var tls = new HalfClosingTls(plain);
            await tls.AuthenticateAsClientAsync(TlsOfAClient);
            return new DialoguePeer(socket, tls, patience, ready);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes the other side's connection, under TLS with a certificate that nobody knows.</summary>
    public static async Task<DialoguePeer> AcceptAsync(Socket socket, Cover cover, TimeSpan patience)
    {
        var peer = new DialoguePeer(socket, new NetworkStream(socket), patience);
        if (cover == Cover.Tls)
            await peer.AwaitTlsAsync();
        return peer;
    }

    /// <summary>Goes over to TLS as a client: shakes hands for what follows.</summary>
    public async Task BeginTlsAsync()
    {
        var tls = new HalfClosingTls(new HeardStream(_received.Reader, _stream));
        await tls.AuthenticateAsClientAsync(TlsOfAClient).WaitAsync(_patience);
        GoOnThrough(tls);
    }

    /// <summary>Goes over to TLS as a server, with a certificate that nobody knows.</summary>
    public async Task AwaitTlsAsync()
    {
        using var authority = new TestCertificates();
        var tls = new HalfClosingTls(new HeardStream(_received.Reader, _stream));
        await tls.AuthenticateAsServerAsync(authority.Issue("hop.test")).WaitAsync(_patience);
        GoOnThrough(tls);
    }

    /// <summary>Says something in pieces. What the other side has closed itself against is not sent.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> octets, Fragmentation fragmentation)
    {
        Note("> ", octets.Span);
        try
        {
            while (!octets.IsEmpty && !_isGone)
            {
                int piece = fragmentation switch
                {
                    Fragmentation.Octet => 1,
                    Fragmentation.Line when octets.Span.IndexOf((byte)'\n') is >= 0 and int end => end + 1,
                    _ => octets.Length,
                };
                await _stream.WriteAsync(octets[..piece]);
                octets = octets[piece..];
            }
        }
        catch (IOException)
        {
            _isGone = true;
        }
    }

    /// <summary>Says a line.</summary>
    public Task SendLineAsync(string line) => SendAsync(Encoding.UTF8.GetBytes(line + "\r\n"), Fragmentation.Whole);

    /// <summary>Ends our side; the other can still be heard.</summary>
    public async Task ShutdownAsync()
    {
        Note("> ", "<shutdown>"u8);
        try
        {
            if (_stream is SslStream tls)
                await SayGoodbyeAsync(tls);
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (gone is SocketException or IOException)
        {
            // The other side was faster.
            _isGone = true;
        }
    }

    /// <summary>Resets the connection.</summary>
    public void Reset()
    {
        Note("> ", "<reset>"u8);
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    /// <summary>The next line without its CRLF; null at the end.</summary>
    public async Task<string?> ReadLineAsync()
    {
        byte[]? line = await ReadRawLineAsync();
        if (line is null)
            return null;
        Note("< ", line);
        string text = Encoding.UTF8.GetString(line.AsSpan(0, line.Length - 2));
        if (text.Any(char.IsControl))
            throw Failure($"A line with a control character came: {Show(line)}");
        return text;
    }

    /// <summary>The lines of the next reply; null at the end. Fails where it is no reply by RFC 5321 section 4.2.</summary>
    public async Task<IReadOnlyList<string>?> ReadReplyAsync()
    {
        var lines = new List<string>();
        while (true)
        {
            string? line = await ReadLineAsync();
            if (line is null)
                return lines.Count == 0 ? null : throw Failure("The connection ended within a reply.");
            bool isReply = line.Length is >= 4 and <= 510 && line.AsSpan(0, 3).IndexOfAnyExceptInRange('0', '9') < 0 && line[3] is ' ' or '-'
                && line.All(char.IsAscii) && (lines.Count == 0 || line.AsSpan(0, 3).SequenceEqual(lines[0].AsSpan(0, 3)));
            if (!isReply)
                throw Failure($"This is no reply: {line}");
            lines.Add(line);
            if (line[3] == ' ')
                return lines;
        }
    }

    /// <summary>The octets of DATA up to and with the line that ends it, as they came; null where the connection ends before.</summary>
    public async Task<byte[]?> ReadDataAsync()
    {
        var data = new List<byte>();
        while (await ReadRawLineAsync() is { } line)
        {
            data.AddRange(line);
            if (line.AsSpan().SequenceEqual(".\r\n"u8))
                return [.. data];
        }

        return null;
    }

    /// <summary>So many octets; null where the connection ends before.</summary>
    public async Task<byte[]?> ReadOctetsAsync(int count)
    {
        using var limit = new CancellationTokenSource(_patience);
        try
        {
            ReadResult result = await _received.Reader.ReadAtLeastAsync(count, limit.Token);
            if (result.Buffer.Length < count)
                return null;
            byte[] octets = result.Buffer.Slice(0, count).ToArray();
            _received.Reader.AdvanceTo(result.Buffer.GetPosition(count));
            return octets;
        }
        catch (OperationCanceledException)
        {
            throw Failure($"{count} octets did not come in {_patience}.");
        }
    }

    /// <summary>Waits for the other side to close; fails where it says anything before.</summary>
    public async Task ExpectEndAsync()
    {
        using var limit = new CancellationTokenSource(_patience);
        try
        {
            ReadResult result = await _received.Reader.ReadAsync(limit.Token);
            if (!result.Buffer.IsEmpty)
                throw Failure($"Something came where nothing was to come: {Show(result.Buffer.ToArray())}");
            _received.Reader.AdvanceTo(result.Buffer.Start);
        }
        catch (OperationCanceledException)
        {
            throw Failure($"The other side did not close within {_patience}.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
        await Task.WhenAll(_receiving);
    }

    private static async Task SayGoodbyeAsync(SslStream tls)
    {
        try
        {
            await tls.ShutdownAsync();
        }
#pragma warning disable CA1031 // Where the other side has ended TLS already, the encoder fails with a type that has no public name.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The other side was faster; the end of the connection says the same.
        }
    }

    // The 220 to STARTTLS. Octet by octet, so that nothing of what follows is read in clear.
    private static async Task<byte[]> StartTlsAsync(NetworkStream stream, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        await ReadAsync();
        await stream.WriteAsync("EHLO client.test\r\n"u8.ToArray(), limit.Token);
        await ReadAsync();
        await stream.WriteAsync("STARTTLS\r\n"u8.ToArray(), limit.Token);
        return await ReadAsync();

        async Task<byte[]> ReadAsync()
        {
            var line = new List<byte>();
            byte[] octet = new byte[1];
            while (line.Count < 4 || line[3] != ' ' || line[^1] != '\n')
            {
                if (line is [.., (byte)'\n'])
                    line.Clear();
                await stream.ReadExactlyAsync(octet, limit.Token);
                line.Add(octet[0]);
            }

            return line[0] == '2' ? [.. line] : throw new DialogueException($"No STARTTLS: {Show([.. line])}");
        }
    }

    private static string Show(byte[] octets) =>
        string.Concat(octets.Take(200).Select(static o => o is >= 32 and < 127 ? ((char)o).ToString() : o switch { 13 => "\\r", 10 => "\\n", _ => $"\\x{o:X2}" })) + (octets.Length > 200 ? "..." : "");

    // Octets up to and with the next CRLF; null where the end comes before any.
    private async Task<byte[]?> ReadRawLineAsync()
    {
        using var limit = new CancellationTokenSource(_patience);
        try
        {
            while (true)
            {
                ReadResult result = await _received.Reader.ReadAsync(limit.Token);
                ReadOnlySequence<byte> buffer = result.Buffer;
                if (TryFindLine(buffer, out byte[] line))
                {
                    _received.Reader.AdvanceTo(buffer.GetPosition(line.Length));
                    return line;
                }

                _received.Reader.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                    return buffer.IsEmpty ? null : throw Failure($"The connection ended within: {Show(buffer.ToArray())}");
            }
        }
        catch (OperationCanceledException)
        {
            throw Failure($"Nothing more came within {_patience}.");
        }
    }

    private static bool TryFindLine(ReadOnlySequence<byte> buffer, out byte[] line)
    {
        var reader = new SequenceReader<byte>(buffer);
        bool isFound = reader.TryReadTo(out ReadOnlySequence<byte> _, "\r\n"u8);
        line = isFound ? buffer.Slice(0, reader.Consumed).ToArray() : [];
        return isFound;
    }

    private static SslClientAuthenticationOptions TlsOfAClient => new() { TargetHost = "mx.test", RemoteCertificateValidationCallback = TestCertificates.IsIssued };

    private void GoOnThrough(HalfClosingTls tls)
    {
        Note("> ", "<tls>"u8);
        _stream = tls;
        _received = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        _receiving.Add(ReceiveAsync(tls, _received.Writer));
    }

    private static async Task ReceiveAsync(Stream stream, PipeWriter heard)
    {
        try
        {
            if (heard.UnflushedBytes > 0)
                await heard.FlushAsync();
            while (true)
            {
                int read = await stream.ReadAsync(heard.GetMemory(4096));
                if (read == 0)
                    break;
                heard.Advance(read);
                await heard.FlushAsync();
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException)
        {
            // Reset, or closed by this side: either way no more will come.
        }

        await heard.CompleteAsync();
    }

    private DialogueException Failure(string message) => new($"{message}\n{Transcript}");

    private void Note(string direction, ReadOnlySpan<byte> octets)
    {
        if (_transcript.Length < LongestTranscript)
            _transcript.Append(direction).AppendLine(Show(octets.Length > 400 ? octets[..400].ToArray() : octets.ToArray()));
    }
}
