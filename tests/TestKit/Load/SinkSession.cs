using System.Net.Sockets;
using System.Text;

namespace SlimtaFast.TestKit.Load;

/// <summary>One session of a <see cref="CollectingSink"/>: plain SMTP with pipelining.</summary>
internal static class SinkSession
{
    /// <summary>Serves a connection to its end.</summary>
    public static async Task RunAsync(TcpClient client, Action<IReadOnlyList<string>, byte[]> take, CancellationToken cancellationToken)
    {
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await ServeAsync(client.GetStream(), take, cancellationToken);
            }
            catch (IOException)
            {
                // The client was killed.
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }

    private static async Task ServeAsync(NetworkStream stream, Action<IReadOnlyList<string>, byte[]> take, CancellationToken cancellationToken)
    {
        var lines = new LineReader(stream);
        var recipients = new List<string>();
        await ReplyAsync("220 sink.test ESMTP");
        while (await lines.ReadAsync(cancellationToken) is { } line)
        {
            string command = Encoding.Latin1.GetString(line);
            string verb = command.Split(' ')[0].ToUpperInvariant();
            switch (verb)
            {
                case "EHLO":
                    await ReplyAsync("250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES");
                    break;
                case "MAIL":
                    recipients.Clear();
                    await ReplyAsync("250 2.1.0 Ok");
                    break;
                case "RCPT":
                    recipients.Add(command[(command.IndexOf('<', StringComparison.Ordinal) + 1)..command.IndexOf('>', StringComparison.Ordinal)]);
                    await ReplyAsync("250 2.1.5 Ok");
                    break;
                case "DATA":
                    await ReplyAsync("354 Go ahead");
                    if (await ReadMessageAsync(lines, cancellationToken) is not { } message)
                        return;
                    take(recipients.ToArray(), message);
                    await ReplyAsync("250 2.0.0 Ok");
                    break;
                case "QUIT":
                    await ReplyAsync("221 2.0.0 Bye");
                    return;
                default:
                    await ReplyAsync("250 2.0.0 Ok");
                    break;
            }
        }

        async Task ReplyAsync(string reply)
        {
            // Replies to a pipelined burst go out together.
            lines.Replies.Append(reply).Append("\r\n");
            if (lines.HasLine)
                return;
            byte[] octets = Encoding.Latin1.GetBytes(lines.Replies.ToString());
            lines.Replies.Clear();
            await stream.WriteAsync(octets, cancellationToken);
        }
    }

    // Null where the connection ends before the final dot: such a message is not taken, and whoever sent it knows.
    private static async Task<byte[]?> ReadMessageAsync(LineReader lines, CancellationToken cancellationToken)
    {
        using var message = new MemoryStream();
        while (await lines.ReadAsync(cancellationToken) is { } line)
        {
            if (line is [(byte)'.'])
                return message.ToArray();
            message.Write(line.AsSpan(line is [(byte)'.', ..] ? 1 : 0));
            message.Write("\r\n"u8);
        }

        return null;
    }

    private sealed class LineReader(NetworkStream stream)
    {
        private byte[] _buffer = new byte[64 * 1024];
        private int _start;
        private int _end;

        public StringBuilder Replies { get; } = new();

        public bool HasLine => _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8) >= 0;

        public async Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
        {
            while (true)
            {
                int length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
                if (length >= 0)
                {
                    byte[] line = _buffer.AsSpan(_start, length).ToArray();
                    _start += length + 2;
                    return line;
                }

                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
                if (_end == _buffer.Length)
                    Array.Resize(ref _buffer, _buffer.Length * 2);
                int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
                if (read == 0)
                    return null;
                _end += read;
            }
        }
    }
}
