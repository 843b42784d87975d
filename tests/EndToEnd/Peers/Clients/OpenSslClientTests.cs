using System.Text;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Peers.Clients;

/// <summary>A dialogue by hand through <c>openssl s_client</c>: each line is sent when the answer before it is there.</summary>
public sealed class OpenSslClientTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [LongFact("openssl")]
    public Task S_client_submits_by_plain_and_login() => ClientTrial.RunAsync(["PLAIN", "LOGIN"], async (server, mail) =>
    {
        string[] way = mail.ImplicitTls ? [] : ["-starttls", "smtp"];
        await using RunningProgram client = RunningProgram.Start(
            "openssl", ["s_client", "-quiet", "-connect", $"{PeerServer.Host}:{mail.Port}", .. way, "-verify_return_error", "-verify_hostname", PeerServer.Host, "-CAfile", server.AuthorityFile]);
        int seen = 0;
        // With STARTTLS it shows the last line of the EHLO that it sent itself instead of a greeting.
        await AnswerAsync(mail.ImplicitTls ? "220" : "250");
        if (await SayAsync("EHLO client.test", "250") && await AuthenticateAsync() && await SayAsync("MAIL FROM:<sender@client.test> BODY=8BITMIME", "250")
            && await SayAsync("RCPT TO:<b@far.test>", "250") && await SayAsync("DATA", "354")
            && await SayAsync(PeerMessage.Characters.Replace("\r\n.", "\r\n..", StringComparison.Ordinal) + ".", "250"))
        {
            await SayAsync("QUIT", "221");
            return (true, client.Output);
        }

        return (false, client.Output);

        async Task<bool> AuthenticateAsync() => mail.Mechanism switch
        {
            "PLAIN" => await SayAsync("AUTH PLAIN " + Encode($"\0{PeerServer.User}\0{mail.Secret}"), "235"),
            "LOGIN" => await SayAsync("AUTH LOGIN", "334") && await SayAsync(Encode(PeerServer.User), "334") && await SayAsync(Encode(mail.Secret), "235"),
            _ => true,
        };

        async Task<bool> SayAsync(string line, string expected)
        {
            await client.WriteAsync(line + "\r\n");
            return await AnswerAsync(expected);
        }

        // The last line of the next reply: three digits and a blank.
        async Task<bool> AnswerAsync(string expected)
        {
            await client.WaitForLineAsync(_ => Replies().Length > seen, Limit);
            return Replies()[seen++].StartsWith(expected, StringComparison.Ordinal);
        }

        string[] Replies() => [.. client.Output.Split('\n').Where(IsLast)];
    });

    private static bool IsLast(string line) => line.Length > 3 && line[3] == ' ' && line.AsSpan(0, 3).IndexOfAnyExceptInRange('0', '9') < 0;

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
