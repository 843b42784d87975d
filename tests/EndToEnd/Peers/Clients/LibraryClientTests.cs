using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.EndToEnd.Tests.Peers.Clients;

/// <summary>Libraries of other languages, and MailKit, submit mail under TLS with AUTH.</summary>
public sealed class LibraryClientTests
{
    private const string Smtplib = """
        import smtplib, ssl, sys
        port, way, mechanism, secret, ca, file = int(sys.argv[1]), *sys.argv[2:]
        context = ssl.create_default_context(cafile=ca)
        s = smtplib.SMTP_SSL("localhost", port, context=context) if way == "implicit" else smtplib.SMTP("localhost", port)
        with s:
            if way != "implicit":
                s.starttls(context=context)
            s.ehlo()
            assert "CRAM-MD5" not in s.esmtp_features["auth"], s.esmtp_features
            s.user, s.password = "alice", secret
            bearer = {
                "XOAUTH2": lambda challenge=None: "user=alice\1auth=Bearer " + secret + "\1\1" if challenge is None else "",
                "OAUTHBEARER": lambda challenge=None: "n,a=alice,\1auth=Bearer " + secret + "\1\1" if challenge is None else "\1",
                "PLAIN": s.auth_plain, "LOGIN": s.auth_login}
            if mechanism:
                s.auth(mechanism, bearer[mechanism], initial_response_ok=mechanism != "LOGIN")
            s.sendmail("sender@client.test", ["b@far.test"], open(file, "rb").read(), ["BODY=8BITMIME"])
        """;

    private const string Nodemailer = """
        const [port, way, mechanism, secret, ca, file] = process.argv.slice(2);
        const fs = require('fs');
        const auth = mechanism == '' ? undefined
          : mechanism == 'XOAUTH2' ? {type: 'OAuth2', user: 'alice', accessToken: secret}
          : {user: 'alice', pass: secret};
        const transport = require('nodemailer').createTransport({
          host: 'localhost', port: Number(port), secure: way == 'implicit', requireTLS: true, tls: {ca: fs.readFileSync(ca)},
          logger: true, debug: true, auth, authMethod: mechanism == '' || mechanism == 'XOAUTH2' ? undefined : mechanism});
        transport.sendMail({envelope: {from: 'sender@client.test', to: ['b@far.test']}, raw: fs.readFileSync(file)})
          .then(sent => console.log(sent.response), wrong => { console.log(wrong.message, wrong.response); process.exitCode = 1; });
        """;

    [LongFact("/usr/bin/python3")]
    public Task Python_smtplib_submits_by_plain_login_and_bearer_tokens() =>
        ClientTrial.RunAsync(["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"], (server, mail) => RunAsync("/usr/bin/python3", "send.py", Smtplib, server, mail));

    [LongFact("node", "/usr/share/nodejs/nodemailer/package.json")]
    public Task Nodemailer_submits_by_plain_login_and_xoauth2() =>
        ClientTrial.RunAsync(["PLAIN", "LOGIN", "XOAUTH2"], (server, mail) =>
            RunAsync("node", "send.js", Nodemailer.Replace("'nodemailer'", "'/usr/share/nodejs/nodemailer'", StringComparison.Ordinal), server, mail));

    [LongFact]
    public Task MailKit_submits_by_every_mechanism_that_it_knows() =>
        ClientTrial.RunAsync(["PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "XOAUTH2", "OAUTHBEARER"], async (_, mail) =>
        {
            using var stream = new MemoryStream(PeerMessage.Octets);
            using MimeMessage message = await MimeMessage.LoadAsync(stream);
            using var client = new UnchangingClient { ServerCertificateValidationCallback = TestCertificates.IsIssued };
            try
            {
                await client.ConnectAsync(PeerServer.Host, mail.Port, mail.ImplicitTls ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls);
                if (Mechanism(mail) is { } mechanism)
                    await client.AuthenticateAsync(mechanism);
                string answer = await client.SendAsync(message, new MailboxAddress("", "sender@client.test"), [new MailboxAddress("", "b@far.test")]);
                await client.DisconnectAsync(true);
                return (true, answer);
            }
            catch (SmtpCommandException refused)
            {
                return (false, $"{(int)refused.StatusCode} {refused.Message}");
            }
            catch (AuthenticationException refused)
            {
                return (false, refused.ToString());
            }
        });

    private static SaslMechanism? Mechanism(Submission mail) => mail.Mechanism switch
    {
        "PLAIN" => new SaslMechanismPlain(PeerServer.User, mail.Secret),
        "LOGIN" => new SaslMechanismLogin(PeerServer.User, mail.Secret),
        "SCRAM-SHA-256" => new SaslMechanismScramSha256(PeerServer.User, mail.Secret),
        "SCRAM-SHA-256-PLUS" => new SaslMechanismScramSha256Plus(PeerServer.User, mail.Secret),
        "XOAUTH2" => new SaslMechanismOAuth2(PeerServer.User, mail.Secret),
        "OAUTHBEARER" => new SaslMechanismOAuthBearer(PeerServer.User, mail.Secret),
        _ => null,
    };

    private static async Task<(bool Sent, string Output)> RunAsync(string program, string name, string script, PeerServer server, Submission mail)
    {
        string file = server.Folder[name];
        await File.WriteAllTextAsync(file, script);
        (int code, string output) = await RunningProgram.RunAsync(
            program, [file, $"{mail.Port}", mail.ImplicitTls ? "implicit" : "starttls", mail.Mechanism, mail.Secret, server.AuthorityFile, server.MessageFile]);
        return (code == 0, output);
    }

    // MailKit encodes text anew that has lines of more than 78 characters; here the octets count.
    private sealed class UnchangingClient : SmtpClient
    {
        protected override void Prepare(FormatOptions options, MimeMessage message, EncodingConstraint constraint, int maxLineLength)
        {
        }
    }
}
