using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Smtp;

namespace SlimtaFast.Protocol.Tests.Client;

public class SmtpClientSessionTests
{
    private static readonly string[] Plain = ["8BITMIME"];
    private static readonly string[] Chunking = ["PIPELINING", "CHUNKING", "8BITMIME"];

    public static TheoryData<string[]> ExtensionLists => [Plain, ["PIPELINING"], ["CHUNKING"], Chunking];

    [Theory]
    [MemberData(nameof(ExtensionLists))]
    public async Task Send_accepted_message_arrives_as_it_is(string[] extensions)
    {
        var fixture = new ClientFixture(new ScriptedServer { Extensions = extensions }, text: "Subject: x\r\n\r\n.dot\r\n..two\r\nend\r\n");
        SmtpTransactionResult result = await fixture.OpenAndSendAsync();
        Assert.Equal(SmtpClientFailure.None, result.Failure);
        Assert.Equal("250 2.0.0 Ok: queued", result.Replies[0].Reply.ToString());
        ReceivedMessage message = Assert.Single(fixture.Server.Messages);
        Assert.Equal("Subject: x\r\n\r\n.dot\r\n..two\r\nend\r\n", message.Text);
        Assert.Equal(extensions.Contains("CHUNKING"), message.ByChunk);
        Assert.True(fixture.Session.IsUsable);
    }

    [Theory]
    [MemberData(nameof(ExtensionLists))]
    public async Task Send_many_messages_uses_one_session(string[] extensions)
    {
        var fixture = new ClientFixture(new ScriptedServer { Extensions = extensions });
        await fixture.OpenAndSendAsync();
        for (int i = 0; i < 5; i++)
            Assert.True((await fixture.SendAsync()).Replies[0].Reply.IsPositive);
        await fixture.Session.QuitAsync(CancellationToken.None);
        await fixture.Serving;
        Assert.Equal(6, fixture.Server.Messages.Count);
        Assert.Equal("QUIT", fixture.Server.Commands[^1]);
        Assert.DoesNotContain("RSET", fixture.Server.Commands);
    }

    [Fact]
    public async Task Send_with_pipelining_and_chunking_is_one_write()
    {
        var fixture = new ClientFixture(new ScriptedServer { Extensions = Chunking });
        await fixture.OpenAndSendAsync();
        int sends = fixture.Client.Sends;
        await fixture.SendAsync();
        Assert.Equal(sends + 1, fixture.Client.Sends);
    }

    [Fact]
    public async Task Send_refused_before_the_content_goes_takes_none_of_it()
    {
        // More recipients than go in one burst with the content; whoever hands it out notes what may be delivered.
        var fixture = new ClientFixture(new ScriptedServer { Extensions = Chunking }.On("MAIL", "550 5.7.1 No"));
        var content = new WatchedContent(fixture.Envelope.Content);
        fixture.Envelope = Envelopes.Make(content, "alice@example.com", [.. Enumerable.Range(0, 150).Select(static i => $"b{i}@example.org")]);
        SmtpTransactionResult result = await fixture.OpenAndSendAsync();
        Assert.Equal(SmtpClientStage.Mail, result.Replies[0].Stage);
        Assert.False(content.IsTaken);
    }

    [Fact]
    public async Task Send_added_headers_come_first()
    {
        var fixture = new ClientFixture(new ScriptedServer());
        fixture.Envelope = fixture.Envelope with { AddedHeaders = "Received: by x\r\n"u8.ToArray() };
        await fixture.OpenAndSendAsync();
        Assert.Equal("Received: by x\r\n" + Contents.Text, fixture.Server.Messages[0].Text);
    }

    [Fact]
    public async Task Send_message_without_final_line_end_gets_one_for_data_only()
    {
        var data = new ClientFixture(new ScriptedServer(), text: "a\r\n\r\nb");
        await data.OpenAndSendAsync();
        Assert.Equal("a\r\n\r\nb\r\n", data.Server.Messages[0].Text);
        var chunk = new ClientFixture(new ScriptedServer { Extensions = Chunking }, text: "a\r\n\r\nb");
        await chunk.OpenAndSendAsync();
        Assert.Equal("a\r\n\r\nb", chunk.Server.Messages[0].Text);
    }

    [Fact]
    public async Task Open_server_without_ehlo_gets_helo_and_no_parameters()
    {
        var fixture = new ClientFixture(new ScriptedServer().On("EHLO", "500 5.5.1 What?"));
        await fixture.OpenAndSendAsync();
        Assert.Equal(["EHLO client.example", "HELO client.example", "MAIL FROM:<alice@example.com>", "RCPT TO:<bob@example.org>", "DATA"], fixture.Server.Commands);
    }

    [Theory]
    [InlineData("GREETING", "421 4.3.2 Too busy")]
    [InlineData("GREETING", "554 5.7.1 Go away")]
    [InlineData("EHLO", "421 4.3.2 Closing")]
    [InlineData("EHLO", "450 4.7.1 Greylisted")]
    public async Task Open_refused_returns_the_reply(string verb, string answer)
    {
        var fixture = new ClientFixture(new ScriptedServer().On(verb, answer));
        SmtpReply reply = await fixture.Session.OpenAsync(CancellationToken.None);
        Assert.Equal(answer, reply.Status.IsNone ? $"{reply.Code} {reply.Text}" : reply.ToString());
        Assert.False(fixture.Session.IsUsable);
    }

    [Theory]
    [InlineData("MAIL", "450 4.7.1 Not now", SmtpClientStage.Mail)]
    [InlineData("MAIL", "550 5.7.1 Never", SmtpClientStage.Mail)]
    [InlineData("RCPT", "450 4.2.1 Not now", SmtpClientStage.Recipient)]
    [InlineData("RCPT", "550 5.1.1 Nobody", SmtpClientStage.Recipient)]
    [InlineData("DATA", "451 4.3.0 Not now", SmtpClientStage.Data)]
    [InlineData("DATA", "554 5.3.0 Never", SmtpClientStage.Data)]
    [InlineData("DOT", "452 4.3.1 Full", SmtpClientStage.Final)]
    [InlineData("DOT", "554 5.6.0 Spam", SmtpClientStage.Final)]
    public async Task Send_refused_at_a_stage_tells_reply_and_stage_and_goes_on(string verb, string answer, SmtpClientStage stage)
    {
        foreach (string[] extensions in new string[][] { Plain, ["PIPELINING"], Chunking })
        {
            if (verb == "DATA" && extensions.Contains("CHUNKING"))
                continue;
            var fixture = new ClientFixture(new ScriptedServer { Extensions = extensions }.On(verb, answer, "250 2.0.0 Ok", "250 2.0.0 Ok"));
            if (verb == "DATA")
                fixture.Server.On(verb, answer, "354 go");
            SmtpTransactionResult result = await fixture.OpenAndSendAsync();
            Assert.Equal(SmtpClientFailure.None, result.Failure);
            Assert.Equal(answer, result.Replies[0].Reply.ToString());
            Assert.Equal(stage, result.Replies[0].Stage);
            Assert.True(fixture.Session.IsUsable);
            int before = fixture.Server.Messages.Count;
            SmtpTransactionResult next = await fixture.SendAsync();
            Assert.StartsWith("250 2.0.0 Ok", next.Replies[0].Reply.ToString(), StringComparison.Ordinal);
            Assert.Equal(before + 1, fixture.Server.Messages.Count);
            Assert.Equal(verb is "RCPT" or "DATA", fixture.Server.Commands.Contains("RSET"));
        }
    }

    [Theory]
    [MemberData(nameof(ExtensionLists))]
    public async Task Send_partly_refused_recipients_each_get_their_reply(string[] extensions)
    {
        var server = new ScriptedServer { Extensions = extensions }.On("RCPT", "250 2.1.5 Ok", "550 5.1.1 Nobody", "452 4.5.3 Too many");
        var fixture = new ClientFixture(server);
        fixture.Envelope = Envelopes.Make(fixture.Envelope.Content, to: ["a@x.example", "b@x.example", "c@x.example"]);
        SmtpTransactionResult result = await fixture.OpenAndSendAsync();
        Assert.Equal(["250 2.0.0 Ok: queued", "550 5.1.1 Nobody", "452 4.5.3 Too many"], Texts(result));
        Assert.Equal(SmtpClientStage.Final, result.Replies[0].Stage);
    }

    [Fact]
    public async Task Send_data_open_without_recipient_gets_a_lone_dot()
    {
        var server = new ScriptedServer { Extensions = ["PIPELINING"] }.On("RCPT", "550 5.1.1 Nobody").On("DATA", "354 go on");
        var fixture = new ClientFixture(server);
        SmtpTransactionResult result = await fixture.OpenAndSendAsync();
        Assert.Equal("550 5.1.1 Nobody", result.Replies[0].Reply.ToString());
        Assert.Equal(".\r\n"u8.ToArray(), Assert.Single(server.Messages).Raw);
        Assert.True(fixture.Session.IsUsable);
    }

    [Theory]
    [InlineData("MAIL")]
    [InlineData("RCPT")]
    [InlineData("DATA")]
    [InlineData("DOT")]
    public async Task Send_server_closes_instead_of_answering_breaks_the_session(string verb)
    {
        foreach (string[] extensions in new string[][] { Plain, ["PIPELINING"] })
        {
            var fixture = new ClientFixture(new ScriptedServer { Extensions = extensions }.On(verb, ScriptedServer.Close));
            SmtpTransactionResult result = await fixture.OpenAndSendAsync();
            Assert.Equal(SmtpClientFailure.ConnectionLost, result.Failure);
            Assert.True(result.Replies[0].Reply.IsNone);
            Assert.Equal(verb == "DOT", result.PossiblyDelivered);
            Assert.False(fixture.Session.IsUsable);
        }
    }

    [Theory]
    [InlineData("GREETING", 5)]
    [InlineData("EHLO", 5)]
    public async Task Open_server_stalls_ends_at_the_deadline(string verb, int minutes)
    {
        var fixture = new ClientFixture(new ScriptedServer().On(verb, ScriptedServer.Stall));
        Task<SmtpReply> opening = fixture.Session.OpenAsync(CancellationToken.None).AsTask();
        fixture.Time.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
        Assert.False(opening.IsCompleted);
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await opening).IsNone);
        Assert.Equal(SmtpClientFailure.Timeout, fixture.Session.Failure);
    }

    [Theory]
    [InlineData("MAIL", 5, SmtpClientStage.Mail)]
    [InlineData("RCPT", 5, SmtpClientStage.Recipient)]
    [InlineData("DATA", 2, SmtpClientStage.Data)]
    [InlineData("DOT", 10, SmtpClientStage.Final)]
    public async Task Send_server_stalls_ends_at_the_deadline(string verb, int minutes, SmtpClientStage stage)
    {
        var fixture = new ClientFixture(new ScriptedServer { Extensions = Plain }.On(verb, ScriptedServer.Stall));
        await fixture.Session.OpenAsync(CancellationToken.None);
        Task<SmtpTransactionResult> sending = fixture.SendAsync();
        fixture.Time.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
        Assert.False(sending.IsCompleted);
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        SmtpTransactionResult result = await sending;
        Assert.Equal(SmtpClientFailure.Timeout, result.Failure);
        Assert.Equal(stage, result.FailedAt);
        Assert.Equal(verb == "DOT", result.PossiblyDelivered);
    }

    [Theory]
    [InlineData("MAIL", "nonsense")]
    [InlineData("MAIL", "354 go on")]
    [InlineData("MAIL", "221 2.0.0 Bye")]
    [InlineData("MAIL", "250-one\r\n550 two")]
    [InlineData("RCPT", "999 what")]
    [InlineData("RCPT", "150 what")]
    [InlineData("DATA", "250 2.0.0 Ok")]
    [InlineData("DOT", "354 more")]
    [InlineData("MAIL", "250 2.1.0 Ok\r\n250 2.1.0 Ok")]
    [InlineData("DATA", "354 go\r\n250 2.0.0 Ok")]
    public async Task Send_nonsense_answer_is_a_protocol_error(string verb, string answer)
    {
        foreach (string[] extensions in new string[][] { Plain, ["PIPELINING"] })
        {
            var fixture = new ClientFixture(new ScriptedServer { Extensions = extensions }.On(verb, answer));
            SmtpTransactionResult result = await fixture.OpenAndSendAsync();
            Assert.Equal(SmtpClientFailure.ProtocolError, result.Failure);
            Assert.False(fixture.Session.IsUsable);
            Assert.True(fixture.Client.IsClosed);
        }
    }

    [Fact]
    public async Task Send_endless_multiline_reply_is_a_protocol_error()
    {
        var fixture = new ClientFixture(new ScriptedServer().On("MAIL", string.Concat(Enumerable.Repeat("250-more\r\n", 200))));
        Assert.Equal(SmtpClientFailure.ProtocolError, (await fixture.OpenAndSendAsync()).Failure);
    }

    [Fact]
    public async Task Send_reply_of_a_megabyte_is_a_protocol_error()
    {
        var fixture = new ClientFixture(new ScriptedServer().On("DOT", "250 " + new string('x', 1_000_000)));
        SmtpTransactionResult result = await fixture.OpenAndSendAsync();
        Assert.Equal(SmtpClientFailure.ProtocolError, result.Failure);
        Assert.True(result.PossiblyDelivered);
    }

    [Fact]
    public async Task Send_extra_reply_behind_the_last_keeps_the_outcome_and_ends_the_session()
    {
        var fixture = new ClientFixture(new ScriptedServer().On("DOT", "250 2.0.0 Ok\r\n250 2.0.0 Again"));
        SmtpTransactionResult result = await fixture.OpenAndSendAsync();
        Assert.True(result.Replies[0].Reply.IsPositive);
        Assert.False(fixture.Session.IsUsable);
        Assert.True(fixture.Session.HasEnded());
    }

    [Theory]
    [InlineData("MAIL")]
    [InlineData("RCPT")]
    [InlineData("DATA")]
    [InlineData("DOT")]
    public async Task Send_421_is_the_answer_for_all_open_recipients_and_ends_the_session(string verb)
    {
        foreach (string[] extensions in new string[][] { Plain, ["PIPELINING"] })
        {
            var fixture = new ClientFixture(new ScriptedServer { Extensions = extensions }.On(verb, "421 4.3.2 Going down" + ScriptedServer.Close));
            fixture.Envelope = Envelopes.Make(fixture.Envelope.Content, to: ["a@x.example", "b@x.example"]);
            SmtpTransactionResult result = await fixture.OpenAndSendAsync();
            Assert.Equal(SmtpClientFailure.None, result.Failure);
            Assert.Equal(["421 4.3.2 Going down", "421 4.3.2 Going down"], Texts(result));
            Assert.False(fixture.Session.IsUsable);
        }
    }

    [Fact]
    public async Task Send_cautiously_keeps_the_content_until_a_recipient_is_accepted()
    {
        var fixture = new ClientFixture(new ScriptedServer { Extensions = Chunking }.On("RCPT", "550 5.1.1 Nobody"));
        await fixture.OpenAndSendAsync(isCautious: true);
        Assert.DoesNotContain(fixture.Server.Commands, static command => command.StartsWith("BDAT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Send_gathered_content_without_accepted_recipient_is_refused_and_the_session_goes_on()
    {
        var fixture = new ClientFixture(new ScriptedServer { Extensions = Chunking }.On("RCPT", "550 5.1.1 Nobody", "250 Ok"));
        SmtpTransactionResult result = await fixture.OpenAndSendAsync();
        Assert.Equal("550 5.1.1 Nobody", result.Replies[0].Reply.ToString());
        Assert.True((await fixture.SendAsync()).Replies[0].Reply.IsPositive);
    }

    [Fact]
    public async Task Send_thousand_recipients_goes_in_bursts()
    {
        var fixture = new ClientFixture(new ScriptedServer());
        fixture.Envelope = Envelopes.Make(fixture.Envelope.Content, to: [.. Enumerable.Range(0, 1000).Select(static i => $"r{i}@x.example")]);
        SmtpTransactionResult result = await fixture.OpenAndSendAsync();
        Assert.Equal(1000, result.Replies.Length);
        Assert.All(Texts(result), static text => Assert.Equal("250 2.0.0 Ok: queued", text));
        Assert.Equal(1000, fixture.Server.Commands.Count(static command => command.StartsWith("RCPT", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Send_over_lmtp_each_accepted_recipient_has_a_final_reply()
    {
        foreach (string[] extensions in new string[][] { Plain, ["PIPELINING"], Chunking })
        {
            var server = new ScriptedServer { Lmtp = true, Extensions = extensions }
                .On("RCPT", "250 2.1.5 Ok", "550 5.1.1 Nobody", "250 2.1.5 Ok")
                .On("DOT", "250 2.0.0 Delivered", "452 4.2.2 Over quota");
            var fixture = new ClientFixture(server, new SmtpClientOptions { Lmtp = true });
            fixture.Envelope = Envelopes.Make(fixture.Envelope.Content, to: ["a@x.example", "b@x.example", "c@x.example"]);
            SmtpTransactionResult result = await fixture.OpenAndSendAsync();
            Assert.Equal(["250 2.0.0 Delivered", "550 5.1.1 Nobody", "452 4.2.2 Over quota"], Texts(result));
            Assert.StartsWith("LHLO ", server.Commands[0], StringComparison.Ordinal);
            Assert.True(fixture.Session.IsUsable);
        }
    }

    [Fact]
    public async Task Send_larger_than_size_is_refused_unsent()
    {
        var fixture = new ClientFixture(new ScriptedServer { Extensions = ["SIZE 10"] });
        SmtpTransactionResult result = await fixture.OpenAndSendAsync();
        Assert.Equal("552 5.3.4", result.Replies[0].Reply.ToString()[..9]);
        Assert.Single(fixture.Server.Commands);
    }

    [Theory]
    [InlineData("x\r\n\r\ngr\u00fc\u00df\r\n", "554 5.6.3")]
    [InlineData("x\r\n\r\na\nb\r\n", "554 5.6.3")]
    public async Task Send_content_beyond_the_servers_abilities_is_refused_unsent(string text, string reply)
    {
        var fixture = new ClientFixture(new ScriptedServer { Extensions = [] }, text: text);
        SmtpTransactionResult result = await fixture.OpenAndSendAsync();
        Assert.Equal(reply, result.Replies[0].Reply.ToString()[..9]);
        Assert.Single(fixture.Server.Commands);
    }

    [Fact]
    public async Task Send_utf8_address_without_smtputf8_is_refused_unsent()
    {
        var fixture = new ClientFixture(new ScriptedServer());
        fixture.Envelope = Envelopes.Make(fixture.Envelope.Content, to: "j\u00fcrgen@x.example") with { SmtpUtf8 = true };
        Assert.Equal("553 5.6.7", (await fixture.OpenAndSendAsync()).Replies[0].Reply.ToString()[..9]);
    }

    [Fact]
    public async Task Send_parameters_follow_what_is_offered()
    {
        var fixture = new ClientFixture(
            new ScriptedServer { Extensions = ["SIZE", "8BITMIME", "SMTPUTF8", "DSN", "PIPELINING"] }, text: "x\r\n\r\n\u00fc\r\n");
        fixture.Envelope = fixture.Envelope with
        {
            SmtpUtf8 = true,
            Return = DsnReturn.Headers,
            EnvelopeId = "a+b=c d",
            Recipients =
            [
                new Recipient(Mailbox.Parse("a@x.example"), DsnNotify.Success | DsnNotify.Delay, "rfc822;a+1@y.example"),
                new Recipient(Mailbox.Parse("b@x.example"), DsnNotify.Never),
            ],
        };
        await fixture.OpenAndSendAsync();
        Assert.Equal("MAIL FROM:<alice@example.com> SIZE=9 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+2Bb+3Dc+20d", fixture.Server.Commands[1]);
        Assert.Equal("RCPT TO:<a@x.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2B1@y.example", fixture.Server.Commands[2]);
        Assert.Equal("RCPT TO:<b@x.example> NOTIFY=NEVER", fixture.Server.Commands[3]);
    }

    [Fact]
    public async Task Send_binary_content_goes_by_bdat_where_binarymime_is_offered()
    {
        var fixture = new ClientFixture(new ScriptedServer { Extensions = ["CHUNKING", "BINARYMIME", "8BITMIME"] }, text: "x\r\n\r\na\nb");
        Assert.True((await fixture.OpenAndSendAsync()).Replies[0].Reply.IsPositive);
        Assert.Equal("x\r\n\r\na\nb", fixture.Server.Messages[0].Text);
        Assert.Contains("BODY=BINARYMIME", fixture.Server.Commands[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_cancelled_throws_and_ends_the_session()
    {
        var fixture = new ClientFixture(new ScriptedServer().On("MAIL", ScriptedServer.Stall));
        await fixture.Session.OpenAsync(CancellationToken.None);
        using var source = new CancellationTokenSource();
        Task<SmtpTransactionResult> sending = fixture.Session.SendAsync(fixture.Envelope, fixture.Envelope.Recipients, false, source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.False(fixture.Session.IsUsable);
    }

    [Fact]
    public async Task HasEnded_server_closed_while_idle_is_true()
    {
        var fixture = new ClientFixture(new ScriptedServer().On("DOT", "250 2.0.0 Ok" + ScriptedServer.Close));
        SmtpTransactionResult result = await fixture.OpenAndSendAsync();
        Assert.True(result.Replies[0].Reply.IsPositive);
        Assert.True(fixture.Session.HasEnded());
        Assert.False(fixture.Session.IsUsable);
    }

    private static string[] Texts(SmtpTransactionResult result)
    {
        var texts = new string[result.Replies.Length];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = result.Replies[i].Reply.ToString();
        return texts;
    }
}
