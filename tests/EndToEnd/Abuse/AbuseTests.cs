using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;
using Xunit.Abstractions;

namespace SlimtaFast.EndToEnd.Tests.Abuse;

/// <summary>
/// Bad clients in small against the real server; <c>bench/abuse</c> is the same in large. Clients at 127.0.0.1 are well-behaved and
/// must be served all the while, and the server's memory must stay flat.
/// </summary>
public sealed class AbuseTests(ITestOutputHelper output)
{
    private const long MostGrowth = 64 * 1024 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [FullFact]
    public async Task Slow_clients_are_cut_and_keep_nobody_waiting()
    {
        const int Slow = 500;
        await UnderAbuseAsync(["Session:MinDataRate=100", "Session:MinDataRateWindow=5s"], async endPoint =>
        {
            Socket[] sockets = await Task.WhenAll(Enumerable.Range(0, Slow).Select(_ => ConnectAsync(endPoint, "127.0.0.2")));
            await Task.WhenAll(sockets.Select((socket, i) => i % 2 == 0 ? BeginLineAsync(socket) : BeginContentAsync(socket)));
            string[] heard = await Task.WhenAll(sockets.Select(ReadToEndAsync));
            Assert.All(heard, text => Assert.EndsWith("421 4.4.2 Too slow, closing\r\n", text, StringComparison.Ordinal));
        });
    }

    [FullFact]
    public async Task Flood_beyond_the_limit_of_one_client_is_answered_421()
    {
        const int Allowed = 50, Flood = 1000;
        await UnderAbuseAsync([$"MaxConnectionsPerAddress={Allowed}"], async endPoint =>
        {
            var held = new List<Socket>();
            int refused = 0;
            for (int i = 0; i < Flood; i++)
            {
                Socket socket = await ConnectAsync(endPoint, "127.0.0.2");
                byte[] code = new byte[3];
                await ReadExactlyAsync(socket, code);
                if (Encoding.ASCII.GetString(code) == "421")
                {
                    refused++;
                    socket.Dispose();
                }
                else
                {
                    held.Add(socket);
                }
            }

            Assert.Equal(Allowed, held.Count);
            Assert.Equal(Flood - Allowed, refused);
            held.ForEach(socket => socket.Dispose());
        });
    }

    [FullFact]
    public async Task Bad_commands_cost_their_client_the_connection()
    {
        const int Commands = 20_000;
        byte[] burst = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("FROB\r\nMAIL FROM:<<>\r\nNOOP\n\r\nRCPT TO:x\r\nEHLO \u0001\r\n", 5)));
        await UnderAbuseAsync([], async endPoint =>
        {
            int answered = 0;
            while (answered < Commands)
            {
                Socket socket = await ConnectAsync(endPoint, "127.0.0.2");
                await socket.SendAsync(burst);
                string heard = await ReadToEndAsync(socket);
                // The greeting, twenty errors, and the end.
                Assert.Equal(22, heard.Count(letter => letter == '\n'));
                Assert.Contains("421 4.7.0 Too many errors, closing\r\n", heard, StringComparison.Ordinal);
                answered += 21;
            }
        });
    }

    private static async Task BeginLineAsync(Socket socket) => await socket.SendAsync("EH"u8.ToArray());

    private static async Task BeginContentAsync(Socket socket)
    {
        await socket.SendAsync("EHLO slow.test\r\nMAIL FROM:<a@slow.test>\r\nRCPT TO:<b@mine.test>\r\nDATA\r\n"u8.ToArray());
        var heard = new StringBuilder();
        byte[] octet = new byte[1];
        while (!heard.ToString().EndsWith("<CR><LF>.<CR><LF>\r\n", StringComparison.Ordinal))
        {
            await ReadExactlyAsync(socket, octet);
            heard.Append((char)octet[0]);
        }

        await socket.SendAsync("x"u8.ToArray());
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint endPoint, string from)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(endPoint);
        return socket;
    }

    private static async Task ReadExactlyAsync(Socket socket, Memory<byte> buffer)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!buffer.IsEmpty)
        {
            int read = await socket.ReceiveAsync(buffer, limit.Token);
            Assert.NotEqual(0, read);
            buffer = buffer[read..];
        }
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        using (socket)
        using (var limit = new CancellationTokenSource(Limit))
        {
            var text = new StringBuilder();
            byte[] buffer = new byte[4096];
            try
            {
                while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and int read)
                    text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
            catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
            {
                // What we sent after its last word makes the server's system reset the connection.
            }

            return text.ToString();
        }
    }

    private async Task UnderAbuseAsync(string[] settings, Func<IPEndPoint, Task> abuse)
    {
        using var folder = new TemporaryFolder();
        string json = string.Join(",\n", settings.Select(setting => setting.Split('=')).Select(parts => $"\"{parts[0]}\": \"{parts[1]}\""));
        await File.WriteAllTextAsync(folder["slimtafast.json"], $$"""{ "AcceptDomain": "mine.test"{{(json.Length > 0 ? ",\n" : "")}}{{json}} }""");
        (RunningProgram server, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
            "serve", "--config", folder["slimtafast.json"], "--listen", "127.0.0.1:0", "--storage", $"disk:{folder["spool"]}", "--relay", "blackhole:", "--trust", "127.0.0.1/32", "--log-level", "Warning");
        await using (server)
        {
            await DeliverAsync(endPoint);
            long before = ResidentOctets(server);
            Task abusing = abuse(endPoint);
            int served = 0;
            var slowest = TimeSpan.Zero;
            do
            {
                long start = Stopwatch.GetTimestamp();
                await DeliverAsync(endPoint);
                slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
                served++;
            }
            while (!abusing.IsCompleted);

            await abusing;
            long grown = ResidentOctets(server) - before;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{served} messages served meanwhile, the slowest in {slowest.TotalMilliseconds:F0} ms; memory grew by {grown / 1024} KiB"));
            Assert.True(grown < MostGrowth, string.Create(CultureInfo.InvariantCulture, $"Memory grew by {grown} octets."));
            Assert.Equal(0, await server.StopAsync());
        }
    }

    // One message over a connection of its own; whatever is refused fails the test.
    private static async Task DeliverAsync(IPEndPoint endPoint)
    {
        using var client = new MailKit.Net.Smtp.SmtpClient();
        await client.ConnectAsync(endPoint.Address.ToString(), endPoint.Port, MailKit.Security.SecureSocketOptions.None);
        using MimeKit.MimeMessage message = new() { Subject = "good", Body = new MimeKit.TextPart("plain") { Text = "Served." } };
        await client.SendAsync(message, new MimeKit.MailboxAddress("", "a@good.test"), [new MimeKit.MailboxAddress("", "b@other.test")]);
        await client.DisconnectAsync(true);
    }

    private static long ResidentOctets(RunningProgram server)
    {
        using Process process = Process.GetProcessById(server.Id);
        return process.WorkingSet64;
    }
}
