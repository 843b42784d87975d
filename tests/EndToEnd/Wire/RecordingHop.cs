using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>
/// A next hop that takes every message, unless it is told otherwise, and keeps it as it came. It is as strict as SMTP is: only CRLF ends a line, and only CRLF, dot,
/// CRLF ends a content.
/// </summary>
internal sealed class RecordingHop : IAsyncDisposable
{
    private static readonly string[] UsualKeywords = ["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"];

    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<HopMessage> _messages = Channel.CreateUnbounded<HopMessage>();
    private readonly ConcurrentDictionary<DialoguePeer, bool> _peers = new();
    private readonly IReadOnlyList<string> _keywords;
    private readonly Task _accepting;

    /// <summary>Listens.</summary>
    /// <param name="keywords">What EHLO offers; null for PIPELINING, 8BITMIME, SMTPUTF8 and ENHANCEDSTATUSCODES.</param>
    /// <param name="at">Where; null for a free loopback port.</param>
    public RecordingHop(IReadOnlyList<string>? keywords = null, IPEndPoint? at = null)
    {
        _listener = new TcpListener(at ?? new IPEndPoint(IPAddress.Loopback, 0));
        _keywords = keywords ?? UsualKeywords;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where.</summary>
    public int Port { get; }

    /// <summary>What recipients are answered.</summary>
    public string RecipientAnswer { get; set; } = "250 2.0.0 Ok";

    /// <summary>The messages, in the order in which they came.</summary>
    public ChannelReader<HopMessage> Messages => _messages.Reader;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        foreach (DialoguePeer peer in _peers.Keys)
            await peer.DisposeAsync();
        await _accepting;
        _stop.Dispose();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_stop.Token);
                sessions.Add(ServeAsync(new DialoguePeer(socket, new NetworkStream(socket), Timeout.InfiniteTimeSpan)));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }

        await Task.WhenAll(sessions);
    }

    private async Task ServeAsync(DialoguePeer peer)
    {
        _peers.TryAdd(peer, true);
        try
        {
            await ConverseAsync(peer);
        }
        catch (DialogueException failure)
        {
            // What is no SMTP is reported where the test looks: as a message that nobody sent.
            _messages.Writer.TryWrite(new HopMessage(["the relay broke the protocol"], System.Text.Encoding.UTF8.GetBytes(failure.Message)));
        }
        finally
        {
            _peers.TryRemove(peer, out _);
            await peer.DisposeAsync();
        }
    }

    private async Task ConverseAsync(DialoguePeer peer)
    {
        var commands = new List<string>();
        string hello = "";
        bool hasRecipients = false;
        await peer.SendLineAsync("220 hop.test ESMTP");
        while (await peer.ReadLineAsync() is { } line)
        {
            string verb = line.Split(' ')[0];
            if (verb == "MAIL")
            {
                commands.Clear();
                hasRecipients = false;
            }

            commands.Add(line);
            byte[]? octets;
            switch (verb)
            {
                case "EHLO":
                    hello = line[5..];
                    await peer.SendLineAsync("250" + (_keywords.Count > 0 ? '-' : ' ') + "hop.test" + string.Concat(_keywords.Select((k, i) => $"\r\n250{(i == _keywords.Count - 1 ? ' ' : '-')}{k}")));
                    break;
                case "RCPT":
                    hasRecipients |= RecipientAnswer[0] == '2';
                    await peer.SendLineAsync(RecipientAnswer);
                    break;
                case "DATA" when !hasRecipients:
                    await peer.SendLineAsync("554 5.5.1 No recipients");
                    break;
                case "DATA":
                    await peer.SendLineAsync("354 Go ahead");
                    octets = await peer.ReadDataAsync();
                    if (octets is null)
                        return;
                    _messages.Writer.TryWrite(new HopMessage([.. commands], HopMessage.Undot(octets)!) { Hello = hello });
                    await peer.SendLineAsync("250 2.0.0 Ok");
                    break;
                case "BDAT":
                    octets = await peer.ReadOctetsAsync(int.Parse(line.Split(' ')[1], NumberStyles.None, CultureInfo.InvariantCulture));
                    if (octets is null)
                        return;
                    _messages.Writer.TryWrite(new HopMessage([.. commands], octets) { Hello = hello });
                    await peer.SendLineAsync("250 2.0.0 Ok");
                    break;
                case "QUIT":
                    await peer.SendLineAsync("221 2.0.0 Bye");
                    return;
                default:
                    await peer.SendLineAsync(verb is "MAIL" or "RSET" ? "250 2.0.0 Ok" : "500 5.5.2 What?");
                    break;
            }
        }
    }
}
