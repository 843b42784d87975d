using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;

namespace SlimtaFast.TestKit.Smtp;

/// <summary>
/// An SMTP or LMTP server that answers what a test tells it to. Without a script it accepts everything. A script is, for each verb
/// (<c>GREETING</c>, <c>EHLO</c>, <c>MAIL</c>, <c>RCPT</c>, <c>DATA</c>, <c>BDAT</c>, <c>DOT</c>, ...), a list of answers of which each
/// is used once and the last for ever. An answer is sent as it stands, with CRLF behind it; <see cref="Close"/> closes instead of
/// answering, <see cref="Stall"/> never answers, an answer that ends with <see cref="Close"/> is sent and then the connection closed,
/// and one that starts with <see cref="Raw"/> is sent without CRLF. Thread-safe enough to be asked when the client has its answer.
/// </summary>
public sealed class ScriptedServer
{
    /// <summary>Closes the connection.</summary>
    public const string Close = "<close>";

    /// <summary>Never answers, and reads on to the end.</summary>
    public const string Stall = "<stall>";

    /// <summary>Sends exactly what follows.</summary>
    public const string Raw = "<raw>";

    private readonly ConcurrentDictionary<string, Queue<string>> _scripts = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _commands = new();
    private readonly ConcurrentQueue<ReceivedMessage> _messages = new();
    private readonly ConcurrentQueue<Connection> _connections = new();

    /// <summary>What EHLO and LHLO offer.</summary>
    public string[] Extensions { get; init; } = ["PIPELINING", "8BITMIME", "SIZE 10000000", "ENHANCEDSTATUSCODES"];

    /// <summary>True to answer LHLO, and each recipient behind the dot.</summary>
    public bool Lmtp { get; init; }

    /// <summary>With these STARTTLS is offered and carried out, where no script answers it otherwise.</summary>
    public TlsServerSettings? Tls { get; init; }

    /// <summary>True to begin with the TLS handshake.</summary>
    public bool ImplicitTls { get; init; }

    /// <summary>Every command that came, without its CRLF.</summary>
    public IReadOnlyList<string> Commands => [.. _commands];

    /// <summary>Every message that came whole.</summary>
    public IReadOnlyList<ReceivedMessage> Messages => [.. _messages];

    /// <summary>Every connection that came.</summary>
    public IReadOnlyList<Connection> Connections => [.. _connections];

    /// <summary>Scripts the answers to a verb.</summary>
    public ScriptedServer On(string verb, params string[] answers)
    {
        _scripts[verb] = new Queue<string>(answers);
        return this;
    }

    /// <summary>Serves on an end point of a transport.</summary>
    public IListener Listen(ITransport transport, EndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(transport);
        return transport.Listen(endPoint, RunAsync);
    }

    /// <summary>Serves one connection to its end.</summary>
    public async Task RunAsync(Connection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        _connections.Enqueue(connection);
        try
        {
            if (ImplicitTls && !await ShakeHandsAsync(connection))
                return;
            if (await AnswerAsync(connection, "GREETING", "220 scripted.example ready"))
                await ServeAsync(connection);
        }
        finally
        {
            await connection.DisposeAsync();
        }
    }

    private async Task ServeAsync(Connection connection)
    {
        int accepted = 0;
        while (await ReadLineAsync(connection.Input) is { } line)
        {
            _commands.Enqueue(line);
            string verb = line.Split(' ', ':')[0].ToUpperInvariant();
            bool goOn;
            switch (verb)
            {
                case "EHLO" or "LHLO":
                    goOn = await AnswerAsync(connection, verb, Offer(connection));
                    break;
                case "STARTTLS" when Tls is not null:
                    goOn = await AnswerAsync(connection, verb, "220 2.0.0 Go ahead") && await ShakeHandsAsync(connection);
                    break;
                case "RCPT":
                    string answer = Next("RCPT", "250 2.1.5 Ok");
                    accepted += answer.StartsWith('2') ? 1 : 0;
                    goOn = await SendAsync(connection, answer);
                    break;
                case "DATA":
                    goOn = await TakeDataAsync(connection, accepted);
                    accepted = 0;
                    break;
                case "BDAT":
                    goOn = await TakeChunkAsync(connection, line, accepted);
                    accepted = 0;
                    break;
                case "QUIT":
                    await AnswerAsync(connection, verb, "221 2.0.0 Bye");
                    return;
                default:
                    accepted = verb == "MAIL" ? 0 : accepted;
                    goOn = await AnswerAsync(connection, verb, verb is "MAIL" ? "250 2.1.0 Ok" : "250 2.0.0 Ok");
                    break;
            }

            if (!goOn)
                return;
        }
    }

    private async Task<bool> ShakeHandsAsync(Connection connection)
    {
        try
        {
            await connection.AuthenticateAsServerAsync(Tls!, CancellationToken.None);
            return true;
        }
        catch (IOException)
        {
            // The client did not like it, which its side of the test looks at.
            return false;
        }
    }

    private string Offer(Connection connection)
    {
        var lines = new List<string> { "scripted.example" };
        lines.AddRange(Extensions);
        if (Tls is not null && connection.TlsFacts is null)
            lines.Add("STARTTLS");
        return string.Join("\r\n", lines.Select((text, i) => (i == lines.Count - 1 ? "250 " : "250-") + text));
    }

    private async Task<bool> TakeDataAsync(Connection connection, int accepted)
    {
        string answer = Next("DATA", accepted > 0 ? "354 go on" : "554 5.5.1 No valid recipients");
        if (!await SendAsync(connection, answer))
            return false;
        if (!answer.StartsWith("354", StringComparison.Ordinal))
            return true;
        var raw = new MemoryStream();
        var text = new MemoryStream();
        while (await ReadLineAsync(connection.Input) is { } line)
        {
            byte[] bytes = Encoding.Latin1.GetBytes(line + "\r\n");
            raw.Write(bytes);
            if (line == ".")
            {
                _messages.Enqueue(new ReceivedMessage(text.ToArray(), raw.ToArray(), false));
                return await AnswerContentAsync(connection, accepted);
            }

            text.Write(line.StartsWith('.') ? bytes.AsSpan(1) : bytes);
        }

        return false;
    }

    private async Task<bool> TakeChunkAsync(Connection connection, string line, int accepted)
    {
        int size = int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        if (await ReadBytesAsync(connection.Input, size) is not { } bytes)
            return false;
        if (accepted == 0)
            return await AnswerAsync(connection, "BDAT", "503 5.5.1 No valid recipients");
        _messages.Enqueue(new ReceivedMessage(bytes, bytes, true));
        return await AnswerContentAsync(connection, accepted);
    }

    private async Task<bool> AnswerContentAsync(Connection connection, int accepted)
    {
        for (int i = 0; i < (Lmtp ? Math.Max(1, accepted) : 1); i++)
        {
            if (!await AnswerAsync(connection, "DOT", "250 2.0.0 Ok: queued"))
                return false;
        }

        return true;
    }

    private Task<bool> AnswerAsync(Connection connection, string verb, string usual) => SendAsync(connection, Next(verb, usual));

    private string Next(string verb, string usual)
    {
        if (!_scripts.TryGetValue(verb, out Queue<string>? answers))
            return usual;
        return answers.Count > 1 ? answers.Dequeue() : answers.Peek();
    }

    private static async Task<bool> SendAsync(Connection connection, string answer)
    {
        if (answer == Stall)
        {
            while (await ReadLineAsync(connection.Input) is not null)
            {
            }

            return false;
        }

        bool closes = answer.EndsWith(Close, StringComparison.Ordinal);
        string text = closes ? answer[..^Close.Length] : answer;
        if (text.Length > 0)
        {
            text = text.StartsWith(Raw, StringComparison.Ordinal) ? text[Raw.Length..] : text + "\r\n";
            connection.Output.Write(Encoding.Latin1.GetBytes(text));
            await connection.Output.FlushAsync();
        }

        return !closes;
    }

    private static async Task<byte[]?> ReadBytesAsync(PipeReader input, int count)
    {
        ReadResult result = await input.ReadAtLeastAsync(count);
        if (result.Buffer.Length < count)
            return null;
        byte[] bytes = result.Buffer.Slice(0, count).ToArray();
        input.AdvanceTo(result.Buffer.GetPosition(count));
        return bytes;
    }

    private static async Task<string?> ReadLineAsync(PipeReader input)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync();
            SequencePosition? end = result.Buffer.PositionOf((byte)'\n');
            if (end is { } found)
            {
                string line = Encoding.Latin1.GetString(result.Buffer.Slice(0, found));
                input.AdvanceTo(result.Buffer.GetPosition(1, found));
                return line.TrimEnd('\r');
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
                return null;
        }
    }
}
