using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Proxies;

/// <summary>A real haproxy in front of the real server: each version of the PROXY protocol, and TLS that ends at the proxy.</summary>
public sealed class HaproxyTests
{
    private const string Send = """
        import smtplib, ssl, sys
        source, port, tls, recipient = ('127.0.0.9', 0), int(sys.argv[1]), sys.argv[2], sys.argv[3]
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        kind = {'context': context} if tls == 'tls' else {}
        client = (smtplib.SMTP_SSL if tls == 'tls' else smtplib.SMTP)('127.0.0.1', port, 'client.test', source_address=source, timeout=20, **kind)
        try:
            client.sendmail('a@client.test', [recipient], 'Subject: x\r\n\r\nport ' + str(port) + '\r\n')
        except smtplib.SMTPRecipientsRefused as refused:
            print('refused', refused.recipients)
        client.quit()
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [FullFact("haproxy", "python3")]
    public async Task Every_way_in_which_haproxy_tells_the_client_is_understood()
    {
        using var folder = new TemporaryFolder();
        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram ownedSink = sink;
        (RunningProgram server, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
            "serve", "--listen", "127.0.0.1:0", "--storage", $"disk:{folder["spool"]}", "--relay", $"smtp://{hop}", "--hostname", "mx.example.org",
            "--proxy-protocol", "required", "--proxy-from", "127.0.0.2", "--trust", "127.0.0.2", "--accept-domain", "ours.test");
        await using RunningProgram ownedServer = server;
        await WriteCertificateAsync(folder["proxy.pem"]);
        string[] ways = ["send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c,unique-id", "send-proxy-v2-ssl-cn proxy-v2-options ssl,cert-cn,ssl-cipher,authority,crc32c"];
        int[] ports = [.. ways.Select(_ => RunningProgram.FreePort())];
        await using RunningProgram haproxy = await StartAsync(folder, endPoint.Port, ways, ports);

        for (int i = 0; i < ways.Length; i++)
        {
            string tls = i == ways.Length - 1 ? "tls" : "clear";
            (int code, string output) = await RunningProgram.RunAsync("python3", ["-c", Send, ports[i].ToString(CultureInfo.InvariantCulture), tls, "b@ours.test"]);
            Assert.True(code == 0, output + server.Output);
            await sink.WaitForLineAsync(line => line == $"port {ports[i]}", Limit);
        }

        // The proxy is trusted to relay; the clients behind it are not.
        (_, string refused) = await RunningProgram.RunAsync("python3", ["-c", Send, ports[0].ToString(CultureInfo.InvariantCulture), "clear", "b@foreign.test"]);
        Assert.Contains("refused", refused, StringComparison.Ordinal);
        Assert.Equal(ways.Length, sink.Output.Split('\n').Count(line => line.Contains("[127.0.0.9]", StringComparison.Ordinal)));
        Assert.DoesNotContain("127.0.0.2", sink.Output, StringComparison.Ordinal);
        Assert.Single(sink.Output.Split('\n'), line => line.Contains("at the proxy", StringComparison.Ordinal));
        Assert.Equal(0, await server.StopAsync());
    }

    [FullFact("haproxy", "curl")]
    public async Task Client_of_mail_by_http_is_the_one_that_haproxy_tells()
    {
        using var folder = new TemporaryFolder();
        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram ownedSink = sink;
        (RunningProgram server, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
            "serve", "--listen", "http://127.0.0.1:0/mail", "--storage", $"disk:{folder["spool"]}", "--relay", $"smtp://{hop}", "--hostname", "mx.example.org",
            "--proxy-protocol", "required", "--proxy-from", "127.0.0.2", "--trust", "127.0.0.2", "--accept-domain", "ours.test");
        await using RunningProgram ownedServer = server;
        await WriteCertificateAsync(folder["proxy.pem"]);
        string[] ways = ["send-proxy", "send-proxy-v2-ssl proxy-v2-options ssl,ssl-cipher,crc32c"];
        int[] ports = [.. ways.Select(_ => RunningProgram.FreePort())];
        await using RunningProgram haproxy = await StartAsync(folder, endPoint.Port, ways, ports);

        Assert.Equal("204", await PostAsync($"http://127.0.0.1:{ports[0]}/mail", "clear@ours.test"));
        await sink.WaitForLineAsync(line => line == "for clear@ours.test", Limit);
        Assert.Equal("204", await PostAsync($"https://127.0.0.1:{ports[1]}/mail", "tls@ours.test"));
        await sink.WaitForLineAsync(line => line == "for tls@ours.test", Limit);
        Assert.Equal("403", await PostAsync($"http://127.0.0.1:{ports[0]}/mail", "b@foreign.test"));
        Assert.Equal(2, sink.Output.Split('\n').Count(line => line.Contains("[127.0.0.9]", StringComparison.Ordinal)));
        Assert.DoesNotContain("127.0.0.2", sink.Output, StringComparison.Ordinal);
        Assert.Single(sink.Output.Split('\n'), line => line.Contains("at the proxy", StringComparison.Ordinal));
        Assert.Equal(0, await server.StopAsync());

        static async Task<string> PostAsync(string url, string recipient)
        {
            (int code, string output) = await RunningProgram.RunAsync("curl",
            [
                "-sSk", "--interface", "127.0.0.9", "--data-binary", $"Subject: x\r\n\r\nfor {recipient}\r\n", "-H", "Content-Type: message/rfc822", "-w", "%{http_code}",
                "-H", "X-Envelope-Sender: " + Encode("a@client.test"), "-H", "X-Envelope-Recipient: " + Encode(recipient), url,
            ]);
            return code == 0 ? output : throw new InvalidOperationException(output);
        }

        static string Encode(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
    }

    private static async Task<RunningProgram> StartAsync(TemporaryFolder folder, int server, string[] ways, int[] ports)
    {
        var text = new System.Text.StringBuilder("""
            defaults
              mode tcp
              timeout connect 5s
              timeout client 30s
              timeout server 30s
              unique-id-format %ci-%cp

            """);
        for (int i = 0; i < ways.Length; i++)
        {
            string tls = i == ways.Length - 1 ? $" ssl crt {folder["proxy.pem"]}" : "";
            text.AppendLine(CultureInfo.InvariantCulture, $"listen way{i}").AppendLine(CultureInfo.InvariantCulture, $"  bind 127.0.0.1:{ports[i]}{tls}")
                .AppendLine(CultureInfo.InvariantCulture, $"  server mx 127.0.0.1:{server} source 127.0.0.2 {ways[i]}");
        }

        await File.WriteAllTextAsync(folder["haproxy.cfg"], text.ToString());
        RunningProgram haproxy = RunningProgram.Start("/usr/sbin/haproxy", ["-db", "-f", folder["haproxy.cfg"]]);
        await haproxy.WaitForPortAsync(ports[^1], Limit);
        return haproxy;
    }

    private static async Task WriteCertificateAsync(string path)
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=mx.example.org", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        await File.WriteAllTextAsync(path, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
