using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Http;

/// <summary>The real executable on both sides of mail over HTTP, with curl, a client as python-slimta's, and a server as its.</summary>
public sealed class HttpMailTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [FullFact("curl")]
    public async Task Curl_hands_over_a_message_that_arrives_by_smtp()
    {
        using var folder = new TemporaryFolder();
        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram ownedSink = sink;
        (RunningProgram server, IPEndPoint http) = await SlimtafastProgram.ListenAsync(
            "serve", "--listen", "http://127.0.0.1:0/mail", "--storage", "disk:" + folder["spool"], "--relay", $"smtp://{hop}", "--hostname", "edge.test", "--threads", "1");
        await using RunningProgram ownedServer = server;
        File.WriteAllText(folder["small"], "Subject: from curl\n\nhello\n");
        Assert.Contains("204 250; message=\"2.6.0 Queued as ", await CurlAsync(http, folder["small"]), StringComparison.Ordinal);
        await sink.WaitForLineAsync(l => l == "Subject: from curl", Patience);
        await sink.WaitForLineAsync(l => l == " by edge.test with HTTP", Patience);

        // Above a megabyte curl asks first (Expect: 100-continue).
        File.WriteAllText(folder["large"], "Subject: large\n\n" + string.Concat(Enumerable.Repeat(new string('x', 70) + "\n", 50_000)));
        Assert.StartsWith("204 250;", await CurlAsync(http, folder["large"]), StringComparison.Ordinal);
        await sink.WaitForLineAsync(l => l == "Subject: large", Patience);
        Assert.StartsWith("400 501;", await CurlAsync(http, folder["small"], "not an address"), StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());
    }

    [FullFact("python3")]
    public async Task Client_as_python_slimtas_is_served()
    {
        using var folder = new TemporaryFolder();
        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram ownedSink = sink;
        (RunningProgram server, IPEndPoint http) = await SlimtafastProgram.ListenAsync(
            "serve", "--listen", "http://127.0.0.1:0", "--storage", "disk:" + folder["spool"], "--relay", $"smtp://{hop}", "--threads", "1");
        await using RunningProgram ownedServer = server;
        string port = http.Port.ToString(CultureInfo.InvariantCulture);
        (int code, string output) = await RunningProgram.RunAsync("python3", ["-c", HttpPrograms.Client, port, "/anything", "one@hop.test", "zwölf@hop.test"]);
        Assert.True(code == 0, output);
        Assert.Equal(2, output.Split('\n').Count(l => l.StartsWith("204 250; message=\"2.6.0 Queued as ", StringComparison.Ordinal)));
        await sink.WaitForLineAsync(l => l == "Subject: python 0", Patience);
        await sink.WaitForLineAsync(l => l == "Subject: python 1", Patience);
        await sink.WaitForLineAsync(l => l.StartsWith("RCPT TO:<zwölf@hop.test>", StringComparison.Ordinal), Patience);
        (_, output) = await RunningProgram.RunAsync("python3", ["-c", HttpPrograms.Client, port, "/anything", "bad address"]);
        Assert.Equal(2, output.Split('\n').Count(l => l.StartsWith("400 501; message=\"5.1.3", StringComparison.Ordinal)));
    }

    [FullFact("python3")]
    public async Task Server_as_python_slimtas_is_delivered_to()
    {
        using var folder = new TemporaryFolder();
        await using RunningProgram python = RunningProgram.Start("python3", ["-c", HttpPrograms.Server]);
        string port = (await python.WaitForLineAsync(l => l.StartsWith("port ", StringComparison.Ordinal), Patience))[5..];
        (RunningProgram server, IPEndPoint smtp) = await SlimtafastProgram.ListenAsync(
            "serve", "--listen", "127.0.0.1:0", "--storage", "disk:" + folder["spool"], "--relay", $"http://127.0.0.1:{port}/mail?tenant=7", "--hostname", "relay.test", "--threads", "1");
        await using RunningProgram ownedServer = server;
        await SendAsync(smtp, folder, "a@hop.test", "b@hop.test");
        await python.WaitForLineAsync(l => l.StartsWith("POST /mail?tenant=7 message/rfc822 relay.test me@client.test a@hop.test,b@hop.test ", StringComparison.Ordinal), Patience);
        await python.WaitForLineAsync(l => l.StartsWith("BODY Received: ", StringComparison.Ordinal) && l.EndsWith("|Subject: x||grüße|", StringComparison.Ordinal), Patience);

        // The refusal comes back to the sender as a report, by the same way.
        await SendAsync(smtp, folder, "nobody@hop.test");
        await python.WaitForLineAsync(l => l.StartsWith("POST /mail?tenant=7 message/rfc822 relay.test  me@client.test ", StringComparison.Ordinal), Patience);
        await python.WaitForLineAsync(l => l.StartsWith("BODY ", StringComparison.Ordinal) && l.Contains("550 5.1.1 No such \"user\"", StringComparison.Ordinal), Patience);
    }

    [FullFact]
    public async Task Server_that_never_answers_a_whole_body_gets_the_message_once_more_and_not_again_when_it_does()
    {
        using var folder = new TemporaryFolder();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var settings = new Dictionary<string, string> { ["SLIMTAFAST__Delivery__HttpTimeout"] = "5s", ["SLIMTAFAST__Delivery__IdleTimeout"] = "1s", ["SLIMTAFAST__Queue__HopRetryFirst"] = "1s" };
        (RunningProgram server, IPEndPoint smtp) = await SlimtafastProgram.ListenAsync(
            settings,
            "serve", "--listen", "127.0.0.1:0", "--storage", "disk:" + folder["spool"], "--relay", $"http://{listener.LocalEndpoint}/", "--retry", "1s,1s,1s", "--hostname", "relay.test", "--threads", "1");
        await using RunningProgram owned = server;
        await SendAsync(smtp, folder, "a@hop.test", "b@hop.test");
        string heard = await HearRequestAsync(answer: null);
        await server.WaitForLineAsync(static l => l.Contains("0 delivered, 2 deferred", StringComparison.Ordinal), Patience);
        Assert.Equal(heard, await HearRequestAsync("HTTP/1.1 204 No Content\r\nX-Smtp-Reply: 250; message=\"2.0.0 Ok\"\r\n\r\n"));
        await server.WaitForLineAsync(static l => l.Contains("attempt 2 ", StringComparison.Ordinal) && l.Contains("2 delivered, 0 failed", StringComparison.Ordinal), Patience);
        Assert.Equal(0, await server.StopAsync());
        Assert.False(listener.Pending());

        // Reads one whole request of a connection of its own, and gives it back without what differs from one attempt to the next.
        async Task<string> HearRequestAsync(string? answer)
        {
            using Socket socket = await listener.AcceptSocketAsync().WaitAsync(Patience);
            await using var stream = new NetworkStream(socket);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var head = new List<string>();
            int length = 0;
            while (await reader.ReadLineAsync().WaitAsync(Patience) is { Length: > 0 } line)
            {
                head.Add(line);
                if (line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase))
                    length = int.Parse(line["Content-Length: ".Length..], CultureInfo.InvariantCulture);
            }

            char[] body = new char[length];
            Assert.Equal(length, await reader.ReadBlockAsync(body).AsTask().WaitAsync(Patience));
            Assert.Contains(head, static l => l.Contains(Encode("a@hop.test"), StringComparison.Ordinal) && l.Contains(Encode("b@hop.test"), StringComparison.Ordinal));
            if (answer is not null)
                await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
            try
            {
                // The other side gives up, or is done with us.
                Assert.Null(await reader.ReadLineAsync().WaitAsync(Patience));
            }
            catch (IOException)
            {
                // It broke the connection off, which says the same.
            }

            return new string(body);
        }
    }

    [FullFact]
    public async Task Two_servers_pass_mail_on_by_https_with_a_user()
    {
        using var folder = new TemporaryFolder();
        using var certificates = new TestKit.Tls.TestCertificates();
        TestKit.Tls.TestCertificates.WritePem(certificates.Issue("127.0.0.1"), folder["server.pem"]);
        File.WriteAllText(folder["authority.pem"], certificates.AuthorityPem);
        File.WriteAllText(folder["password"], "secret\n");
        (int added, string said) = await RunningProgram.RunAsync(SlimtafastProgram.Path, ["user", "add", "relay", "--users", folder["users"]], "secret\n");
        Assert.True(added == 0, said);
        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram ownedSink = sink;
        (RunningProgram second, IPEndPoint https) = await SlimtafastProgram.ListenAsync(
            "serve", "--listen", "https://127.0.0.1:0/in", "--storage", "disk:" + folder["second"], "--relay", $"smtp://{hop}", "--hostname", "second.test", "--threads", "1",
            "--tls-cert", folder["server.pem"], "--users", folder["users"], "--trust", "192.0.2.0/24");
        await using RunningProgram ownedSecond = second;
        var settings = new Dictionary<string, string>
        {
            ["SLIMTAFAST__Delivery__TlsAuthorities"] = folder["authority.pem"],
            ["SLIMTAFAST__Delivery__UserName"] = "relay",
            ["SLIMTAFAST__Delivery__PasswordFile"] = folder["password"],
        };
        (RunningProgram first, IPEndPoint smtp) = await SlimtafastProgram.ListenAsync(
            settings, "serve", "--listen", "127.0.0.1:0", "--storage", "disk:" + folder["first"], "--relay", $"https://127.0.0.1:{https.Port}/in", "--hostname", "first.test", "--threads", "1");
        await using RunningProgram ownedFirst = first;
        await SendAsync(smtp, folder, "b@hop.test");
        await sink.WaitForLineAsync(l => l == "Subject: x", Patience);
        await sink.WaitForLineAsync(l => l.Contains("by second.test with HTTPS", StringComparison.Ordinal), Patience);
        await sink.WaitForLineAsync(l => l.Contains("by first.test with ESMTP", StringComparison.Ordinal), Patience);
        Assert.Equal(0, await first.StopAsync());
        Assert.Equal(0, await second.StopAsync());
    }

    private static async Task<string> CurlAsync(IPEndPoint http, string file, string recipient = "b@hop.test")
    {
        (int code, string output) = await RunningProgram.RunAsync("curl",
        [
            "-sS", "--data-binary", "@" + file, "-H", "Content-Type: message/rfc822", "-H", "X-Envelope-Sender: " + Encode("a@client.test"),
            "-H", "X-Envelope-Recipient: " + Encode(recipient), "-w", "%{http_code} %header{x-smtp-reply}", $"http://{http}/mail",
        ]);
        return code == 0 ? output : throw new InvalidOperationException(output);
    }

    private static async Task SendAsync(IPEndPoint smtp, TemporaryFolder folder, params string[] to)
    {
        File.WriteAllText(folder["message"], "Subject: x\n\ngrüße\n");
        (int code, string output) = await RunningProgram.RunAsync(
            SlimtafastProgram.Path, ["send", "--server", $"smtp://{smtp}", "--from", "me@client.test", .. to.SelectMany(t => new[] { "--to", t }), folder["message"]]);
        Assert.True(code == 0, output);
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
