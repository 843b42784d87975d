using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Smtp;

namespace SlimtaFast.Protocol.Tests.Client;

/// <summary>LMTP as a client: what stays true when a session breaks between the replies of the recipients.</summary>
public class LmtpClientTests
{
    private static readonly SmtpClientOptions Lmtp = new() { Lmtp = true };

    [Fact]
    public async Task Recipients_with_a_reply_are_settled_and_the_others_may_have_the_message()
    {
        ScriptedServer server = new ScriptedServer { Lmtp = true, Extensions = ["PIPELINING"] }
            .On("RCPT", "250 2.1.5 Ok", "250 2.1.5 Ok", "550 5.1.1 Nobody", "250 2.1.5 Ok")
            .On("DOT", "250 2.0.0 Delivered", "552 5.2.2 Full", ScriptedServer.Close);
        var fixture = new ClientFixture(server, Lmtp);
        fixture.Envelope = Envelopes.Make(fixture.Envelope.Content, to: ["a@x.example", "b@x.example", "c@x.example", "d@x.example"]);

        SmtpTransactionResult result = await fixture.OpenAndSendAsync();

        Assert.Equal(SmtpClientFailure.ConnectionLost, result.Failure);
        Assert.True(result.PossiblyDelivered);
        Assert.Equal(["250 2.0.0", "552 5.2.2", "550 5.1.1", ""], Codes(result));
        Assert.Equal(SmtpClientStage.Final, result.Replies[3].Stage);
        Assert.False(fixture.Session.IsUsable);
    }

    [Fact]
    public async Task A_421_between_the_replies_is_the_answer_for_the_rest()
    {
        ScriptedServer server = new ScriptedServer { Lmtp = true, Extensions = [] }.On("DOT", "250 2.0.0 Delivered", "421 4.3.2 Going down");
        var fixture = new ClientFixture(server, Lmtp);
        fixture.Envelope = Envelopes.Make(fixture.Envelope.Content, to: ["a@x.example", "b@x.example", "c@x.example"]);

        SmtpTransactionResult result = await fixture.OpenAndSendAsync();

        Assert.Equal(SmtpClientFailure.None, result.Failure);
        Assert.Equal(["250 2.0.0", "421 4.3.2", "421 4.3.2"], Codes(result));
        Assert.False(fixture.Session.IsUsable);
    }

    [Fact]
    public async Task Content_waits_for_an_accepted_recipient_so_that_no_answer_is_in_doubt()
    {
        ScriptedServer server = new ScriptedServer { Lmtp = true, Extensions = ["PIPELINING", "CHUNKING"] }.On("RCPT", "550 5.1.1 Nobody");
        var fixture = new ClientFixture(server, Lmtp);

        SmtpTransactionResult result = await fixture.OpenAndSendAsync();

        Assert.Equal(["550 5.1.1"], Codes(result));
        Assert.Equal(["LHLO", "MAIL", "RCPT"], server.Commands.Select(line => line[..4]));
        Assert.True(fixture.Session.IsUsable);
    }

    private static string[] Codes(SmtpTransactionResult result)
    {
        var codes = new List<string>();
        foreach (SmtpRecipientReply reply in result.Replies)
            codes.Add(reply.Reply.IsNone ? "" : reply.Reply.ToString()[..9]);
        return [.. codes];
    }
}
