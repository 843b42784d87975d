using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SlimtaFast.TestKit.Dns;

/// <summary>
/// A DNS server on loopback, over UDP and TCP, that answers from a table. A name without an entry of the asked type has no records; a
/// name without any entry does not exist; both come with an SOA record. Entries may also fail, stay silent, or be truncated over UDP.
/// </summary>
public sealed class FakeDnsServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Name, int Type), List<byte[]>> _records = new();
    private readonly ConcurrentDictionary<string, int> _codes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _silent = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _truncated = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Func<byte[], byte[]>> _distorted = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string Name, int Type, bool OverTcp)> _questions = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _udp;
    private readonly TcpListener _tcp;
    private readonly Task _serving;

    /// <summary>Starts to serve.</summary>
    public FakeDnsServer()
    {
        (_udp, _tcp) = Bind();
        EndPoint = (IPEndPoint)_udp.LocalEndPoint!;
        _serving = Task.WhenAll(ServeUdpAsync(), ServeTcpAsync());
    }

    /// <summary>Where it serves.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>TTL of all records in seconds.</summary>
    public int TimeToLive { get; set; } = 300;

    /// <summary>The SOA record's minimum field in seconds.</summary>
    public int NegativeTimeToLive { get; set; } = 60;

    /// <summary>What the AD bit says.</summary>
    public bool IsAuthentic { get; set; }

    /// <summary>What was asked so far.</summary>
    public IReadOnlyList<(string Name, int Type, bool OverTcp)> Questions => [.. _questions];

    /// <summary>Adds an MX record; an exchange of <c>.</c> is a null MX.</summary>
    public FakeDnsServer Mx(string name, int preference, string exchange) =>
        Add(name, 15, [(byte)(preference >> 8), (byte)preference, .. Name(exchange)]);

    /// <summary>Adds an A or AAAA record.</summary>
    public FakeDnsServer Address(string name, string address)
    {
        var parsed = IPAddress.Parse(address);
        return Add(name, parsed.AddressFamily == AddressFamily.InterNetwork ? 1 : 28, parsed.GetAddressBytes());
    }

    /// <summary>Adds a TXT record of one or more strings.</summary>
    public FakeDnsServer Txt(string name, params string[] strings) =>
        Add(name, 16, [.. strings.SelectMany(static text => (byte[])[(byte)text.Length, .. Encoding.ASCII.GetBytes(text)])]);

    /// <summary>Adds a PTR record.</summary>
    public FakeDnsServer Ptr(string reverseName, string host) => Add(reverseName, 12, Name(host));

    /// <summary>Adds a CNAME record, which answers questions of every type, together with the target's records.</summary>
    public FakeDnsServer Alias(string name, string target) => Add(name, 5, Name(target));

    /// <summary>Adds a TLSA record.</summary>
    public FakeDnsServer Tlsa(string name, byte usage, byte selector, byte matching, params byte[] data) =>
        Add(name, 52, [usage, selector, matching, .. data]);

    /// <summary>Answers questions for a name with an error code: 2 is SERVFAIL, 5 REFUSED.</summary>
    public FakeDnsServer Fail(string name, int code)
    {
        _codes[name] = code;
        return this;
    }

    /// <summary>Never answers questions for a name.</summary>
    public FakeDnsServer Silence(string name)
    {
        _silent[name] = true;
        return this;
    }

    /// <summary>Answers questions for a name with a truncated, empty answer over UDP.</summary>
    public FakeDnsServer Truncate(string name)
    {
        _truncated[name] = true;
        return this;
    }

    /// <summary>Changes the octets of every answer to questions for a name.</summary>
    public FakeDnsServer Distort(string name, Func<byte[], byte[]> change)
    {
        _distorted[name] = change;
        return this;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _tcp.Stop();
        _udp.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    // The same free port for both: the system chooses one for UDP, and where TCP cannot have it, another.
    private static (Socket Udp, TcpListener Tcp) Bind()
    {
        while (true)
        {
            var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var tcp = new TcpListener((IPEndPoint)udp.LocalEndPoint!);
            try
            {
                tcp.Start();
                return (udp, tcp);
            }
            catch (SocketException)
            {
                udp.Dispose();
                tcp.Dispose();
            }
        }
    }

    private static byte[] Name(string name)
    {
        var bytes = new List<byte>();
        foreach (string label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }

        bytes.Add(0);
        return [.. bytes];
    }

    private FakeDnsServer Add(string name, int type, byte[] data)
    {
        _records.GetOrAdd((name.ToLowerInvariant(), type), static _ => []).Add(data);
        return this;
    }

    private async Task ServeUdpAsync()
    {
        byte[] buffer = new byte[4096];
        while (!_stop.IsCancellationRequested)
        {
            SocketReceiveFromResult received;
            try
            {
                received = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            if (Answer(buffer.AsSpan(0, received.ReceivedBytes), overTcp: false) is { } answer)
                await _udp.SendToAsync(answer, received.RemoteEndPoint);
        }
    }

    private async Task ServeTcpAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using Socket client = await _tcp.AcceptSocketAsync(_stop.Token);
                using var stream = new NetworkStream(client);
                byte[] length = new byte[2];
                await stream.ReadExactlyAsync(length, _stop.Token);
                byte[] question = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(question, _stop.Token);
                if (Answer(question, overTcp: true) is not { } answer)
                    continue;
                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)answer.Length);
                await stream.WriteAsync((byte[])[.. length, .. answer], _stop.Token);
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            catch (IOException)
            {
                // The client went away; the next may come.
            }
        }
    }

    private byte[]? Answer(ReadOnlySpan<byte> question, bool overTcp)
    {
        string name = ReadName(question, out int end);
        int type = BinaryPrimitives.ReadUInt16BigEndian(question[end..]);
        _questions.Enqueue((name, type, overTcp));
        if (_silent.ContainsKey(name))
            return null;
        int code = _codes.GetValueOrDefault(name);
        bool isCut = !overTcp && _truncated.ContainsKey(name);
        var records = new List<byte[]>();
        if (code == 0 && !isCut)
            Collect(name, type, records);
        bool isAbsent = code == 0 && !isCut && !records.Any(record => IsOfType(record, type));
        if (isAbsent && records.Count == 0 && !_records.Keys.Any(key => key.Name == name))
            code = 3;
        var answer = new List<byte>(question[..(end + 4)].ToArray());
        answer[2] = (byte)(0x81 | (isCut ? 0x02 : 0));
        answer[3] = (byte)(0x80 | (IsAuthentic ? 0x20 : 0) | code);
        SetCount(answer, 6, records.Count);
        SetCount(answer, 8, isAbsent ? 1 : 0);
        SetCount(answer, 10, 0);
        foreach (byte[] record in records)
            answer.AddRange(record);
        if (isAbsent)
            answer.AddRange(Record("example", 6, [0, 0, .. new byte[16], .. Number(NegativeTimeToLive)]));
        byte[] whole = [.. answer];
        return _distorted.TryGetValue(name, out Func<byte[], byte[]>? change) ? change(whole) : whole;
    }

    // The name's records of the type; an alias and what it leads to.
    private void Collect(string name, int type, List<byte[]> records)
    {
        if (type != 5 && records.Count < 50 && _records.TryGetValue((name, 5), out List<byte[]>? aliases))
        {
            records.Add(Record(name, 5, aliases[0]));
            Collect(ReadName([.. new byte[12], .. aliases[0]], out _), type, records);
        }

        if (_records.TryGetValue((name, type), out List<byte[]>? found))
            records.AddRange(found.Select(data => Record(name, type, data)));
    }

    private static bool IsOfType(byte[] record, int type)
    {
        _ = ReadName([.. new byte[12], .. record], out int end);
        return BinaryPrimitives.ReadUInt16BigEndian(record.AsSpan(end - 12)) == type;
    }

    private byte[] Record(string name, int type, byte[] data) =>
        [.. Name(name), (byte)(type >> 8), (byte)type, 0, 1, .. Number(TimeToLive), (byte)(data.Length >> 8), (byte)data.Length, .. data];

    private static byte[] Number(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private static void SetCount(List<byte> message, int at, int count) => (message[at], message[at + 1]) = ((byte)(count >> 8), (byte)count);

    private static string ReadName(ReadOnlySpan<byte> message, out int end)
    {
        var name = new StringBuilder();
        int at = 12;
        while (message[at] != 0)
        {
            int length = message[at++];
            name.Append(CultureInfo.InvariantCulture, $"{(name.Length > 0 ? "." : "")}{Encoding.ASCII.GetString(message.Slice(at, length))}");
            at += length;
        }

        end = at + 1;
        return name.ToString().ToLowerInvariant();
    }
}
