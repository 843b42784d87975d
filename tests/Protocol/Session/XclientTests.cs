using System.Net;
using SlimtaFast.Mail;
using SlimtaFast.TestKit.Connections;
using static SlimtaFast.Protocol.Tests.Session.Dialogue;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>XCLIENT and XFORWARD: for proxies only, and what they change.</summary>
public class XclientTests
{
    private const string Mail = From + To + Begin + "m\r\n.\r\n";

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Others_are_refused_whatever_they_say_and_not_offered_it(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, Ehlo, "XCLIENT ADDR=127.0.0.1\r\n", "XFORWARD ADDR=127.0.0.1\r\n", "XCLIENT\r\n", From, "XCLIENT ADDR=127.0.0.1\r\n", Quit);

        Assert.Equal(["550 5.7.0", "550 5.7.0", "550 5.7.0", "250 2.1.0", "550 5.7.0", "221 2.0.0"], run.Codes);
        Assert.DoesNotContain("XCLIENT", run.Connection.Answers.Text, StringComparison.Ordinal);
        Assert.Equal("192.0.2.7", ((IPEndPoint)run.Session.RemoteEndPoint!).Address.ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Session_starts_over_as_the_client_that_was_told(bool byOctets)
    {
        string[] script =
        [
            Ehlo, "XCLIENT NAME=spike.example ADDR=168.100.189.2 PORT=1234\r\n", From, "EHLO spike\r\n", Mail,
            "XCLIENT ADDR=IPV6:2001:db8::1 NAME=[UNAVAILABLE] LOGIN=joe+40x PROTO=SMTP HELO=told.example DESTADDR=192.0.2.9 DESTPORT=587\r\n", Ehlo, Mail,
            "XCLIENT ADDR=[UNAVAILABLE] LOGIN=[UNAVAILABLE]\r\n", Ehlo, Mail, Quit,
        ];
        (SmtpServerSession session, RecordingHandler handler, string text) = await PlayTrustedAsync(script, byOctets);

        Assert.Equal(4, Count(text, "220 mx.example ESMTP"));
        Assert.Equal(1, Count(text, "503 5.5.1 Send HELO or EHLO first"));
        ClientFacts[] clients = [.. handler.Clients];
        Assert.Equal(("168.100.189.2", "spike.example", "spike", "ESMTP", null), Facts(clients[0]));
        Assert.Equal(("2001:db8::1", null, "told.example", "SMTP", "joe@x"), Facts(clients[1]));
        Assert.Equal((null, null, "told.example", "SMTP", null), Facts(clients[2]));
        Assert.Null(session.RemoteEndPoint);
        Assert.Equal("192.0.2.9:587", session.LocalEndPoint!.ToString());
    }

    [Fact]
    public async Task Commands_are_offered_to_proxies_and_refused_where_they_make_no_sense()
    {
        (_, _, string text) = await PlayTrustedAsync(
            [Ehlo, "XCLIENT ADDR=1.2.3\r\n", "XFORWARD LOGIN=x\r\n", From, "XCLIENT ADDR=1.2.3.4\r\n", "XFORWARD ADDR=1.2.3.4\r\n", "rset\r\n", "xforward addr=1.2.3.4\r\n", Quit]);

        Assert.Contains("250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT\r\n", text, StringComparison.Ordinal);
        Assert.Contains("250-XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n", text, StringComparison.Ordinal);
        Assert.Equal(2, Count(text, "501 5.5.4 Bad attribute"));
        Assert.Equal(2, Count(text, "503 5.5.1 Transaction already open"));
        Assert.Equal(2, Count(text, "250 2.0.0 Ok\r\n"));
    }

    [Fact]
    public async Task Forwarded_client_is_told_and_changes_nothing_else()
    {
        (SmtpServerSession session, RecordingHandler handler, _) = await PlayTrustedAsync(
            [Ehlo, "XFORWARD NAME=spike.example ADDR=168.100.189.2 PORT=99\r\n", "XFORWARD PROTO=ESMTP HELO=spike IDENT=4C2AB SOURCE=REMOTE PORT=[UNAVAILABLE]\r\n", Mail, Quit]);

        Assert.Equal(
            new ForwardedClient { Name = "spike.example", Address = IPAddress.Parse("168.100.189.2"), Protocol = "ESMTP", HelloName = "spike", Ident = "4C2AB", Source = "REMOTE" },
            session.Forwarded);
        Assert.Equal("192.0.2.7", handler.Clients[0].Address!.ToString());
        Assert.Equal("client.example", handler.Clients[0].HelloName);
    }

    [Fact]
    public async Task Client_that_was_told_may_be_turned_away()
    {
        int connects = 0;
        var handler = new RecordingHandler { OnConnect = () => ++connects == 2 ? new SmtpReply(554, "5.7.1", "Listed") : default };
        (_, _, string text) = await PlayTrustedAsync([Ehlo, "XCLIENT ADDR=192.0.2.66\r\n", Ehlo, Quit], handler: handler);

        Assert.EndsWith("554 5.7.1 Listed\r\n", text, StringComparison.Ordinal);
        Assert.Equal([SessionEndReason.Refused], handler.Ends);
    }

    private static async Task<(SmtpServerSession Session, RecordingHandler Handler, string Text)> PlayTrustedAsync(
        string[] script, bool byOctets = false, RecordingHandler? handler = null)
    {
        handler ??= new RecordingHandler();
        var connection = byOctets ? new ScriptedConnection([.. string.Concat(script).Select(c => c.ToString())]) : new ScriptedConnection(script);
        var session = new SmtpServerSession(connection, handler, Options) { TrustsProxyCommands = true };
        await session.RunAsync(CancellationToken.None);
        Assert.Null(session.Fault);
        return (session, handler, connection.Answers.Text);
    }

    private static (string?, string?, string, string, string?) Facts(ClientFacts facts) =>
        (facts.Address?.ToString(), facts.HostName, facts.HelloName, facts.Protocol, facts.Identity);

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
