using static SlimtaFast.Protocol.Tests.Session.Dialogue;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>What a client may not do for ever.</summary>
public class LimitTests
{
    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task One_error_too_many_closes(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, [.. Enumerable.Repeat("FOO\r\n", 50), Quit]);

        Assert.Equal([.. Enumerable.Repeat("500 5.5.2", 20), "421 4.7.0"], run.Codes);
        Assert.Equal(SessionEndReason.TooManyErrors, run.End);
    }

    [Theory]
    [InlineData("NOOP\r\n")]
    [InlineData("RSET\r\n")]
    [InlineData("VRFY x\r\n")]
    [InlineData("HELP\r\n")]
    [InlineData("EXPN x\r\n")]
    public async Task One_useless_command_too_many_closes(string line)
    {
        foreach (Cut cut in Enum.GetValues<Cut>())
        {
            Dialogue run = await PlayAsync(
                cut, new RecordingHandler(), Options with { MaxJunkCommands = 10 }, [Ehlo, .. Enumerable.Repeat(line, 50), Quit]);

            Assert.Equal(11, run.Codes.Length);
            Assert.Equal("421 4.7.0", run.Codes[^1]);
            Assert.Equal(SessionEndReason.TooManyErrors, run.End);
        }
    }

    [Fact]
    public async Task Repeated_hellos_are_useless_commands()
    {
        Dialogue run = await PlayAsync(Cut.Lines, new RecordingHandler(), Options with { MaxJunkCommands = 3 }, [.. Enumerable.Repeat("HELO x\r\n", 10)]);

        Assert.Equal(["250", "250", "250", "250", "421 4.7.0"], run.Codes);
    }

    [Fact]
    public async Task A_message_gives_new_credit()
    {
        string[] round = ["NOOP\r\n", "NOOP\r\n", From, To, Begin, ".\r\n"];

        Dialogue run = await PlayAsync(
            Cut.Lines, new RecordingHandler(), Options with { MaxJunkCommands = 2 }, [Ehlo, .. round, .. round, .. round, Quit]);

        Assert.Equal(SessionEndReason.Quit, run.End);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task One_command_too_many_closes(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, new RecordingHandler(), Options with { MaxCommands = 4 }, [Ehlo, From, To, "RSET\r\n", "NOOP\r\n", Quit]);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "250 2.0.0", "421 4.7.0"], run.Codes);
        Assert.Equal(SessionEndReason.TooManyCommands, run.End);
        Assert.Equal([RefusalReason.TooManyCommands], run.Handler.Refusals);
    }

    [Fact]
    public async Task One_message_too_many_closes_at_mail()
    {
        string[] round = [From, To, Begin, ".\r\n"];

        Dialogue run = await PlayAsync(Cut.Lines, new RecordingHandler(), Options with { MaxMessagesPerSession = 2 }, [Ehlo, .. round, .. round, .. round]);

        Assert.Equal(2, run.Handler.Messages.Count);
        Assert.Equal("421 4.5.3", run.Codes[^1]);
        Assert.Equal(SessionEndReason.TooManyMessages, run.End);
    }

    [Fact]
    public async Task One_refused_recipient_too_many_closes()
    {
        var handler = new RecordingHandler { OnRecipient = _ => new Mail.SmtpReply(550, "5.1.1", "Nobody") };

        Dialogue run = await PlayAsync(Cut.Whole, handler, Options with { MaxRefusals = 10 }, [Ehlo, From, .. Enumerable.Repeat(To, 50)]);

        Assert.Equal(["250 2.1.0", .. Enumerable.Repeat("550 5.1.1", 10), "421 4.7.0"], run.Codes);
        Assert.Equal(SessionEndReason.TooManyErrors, run.End);
    }

    [Fact]
    public async Task What_is_pipelined_behind_a_refused_mail_is_no_error_of_the_client()
    {
        var handler = new RecordingHandler { OnMail = () => new Mail.SmtpReply(452, "4.3.1", "Later") };
        string[] round = [From, To, To, Begin];

        Dialogue run = await PlayAsync(Cut.Whole, handler, Options with { MaxErrors = 3 }, [Ehlo, .. round, .. round, .. round, Quit]);

        Assert.Equal(SessionEndReason.Quit, run.End);
        Assert.Equal(RefusalReason.BadSequence, run.Handler.Refusals[0]);
    }

    [Fact]
    public async Task Exempt_client_has_no_limits_on_numbers()
    {
        string[] round = ["RCPT TO:<no@d.example>\r\n", From, "RCPT TO:<no@d.example>\r\n", To, Begin, ".\r\n"];
        var handler = new RecordingHandler { IsExempt = true, OnRecipient = address => address.StartsWith("no", StringComparison.Ordinal) ? new Mail.SmtpReply(550, "5.1.1", "Nobody") : default };

        Dialogue run = await PlayAsync(
            Cut.Lines, handler, Options with { MaxCommands = 3, MaxMessagesPerSession = 1, MaxRefusals = 1 }, [Ehlo, .. round, .. round, .. round, Quit]);

        Assert.Equal(SessionEndReason.Quit, run.End);
        Assert.Equal(3, run.Handler.Messages.Count);
    }

    [Theory]
    [InlineData("FROB\r\n", RefusalReason.UnknownCommand)]
    [InlineData("RCPT TO:<a@b.example>\r\n", RefusalReason.BadSequence)]
    [InlineData("MAIL FROM:a b\r\n", RefusalReason.BadSyntax)]
    [InlineData("NOOP\n\r\n", RefusalReason.BareLineEnd)]
    [InlineData("MAIL FROM:<a@b.example> SIZE=99999999\r\n", RefusalReason.TooBig)]
    public async Task Handler_is_told_what_the_dialogue_refuses(string command, RefusalReason reason)
    {
        Dialogue run = await PlayAsync(Cut.Whole, Ehlo, command, Quit);

        Assert.Equal(reason, run.Handler.Refusals[0]);
    }

    [Theory]
    [InlineData("a\0b\r\n.\r\n", RefusalReason.NulInContent)]
    [InlineData("a\nb\r\n.\r\n", RefusalReason.BareLineEnd)]
    [InlineData("0123456789012345678901234567890\r\n.\r\n", RefusalReason.TooBig)]
    public async Task Handler_is_told_of_contents_that_the_dialogue_refuses(string content, RefusalReason reason)
    {
        Dialogue run = await PlayAsync(Cut.Lines, new RecordingHandler(), Options with { MaxMessageSize = 20 }, [Ehlo, From, To, Begin, content]);

        Assert.Equal([reason], run.Handler.ContentRefusals);
        Assert.Empty(run.Handler.Refusals);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Dropped_client_hears_earlier_answers_and_no_other(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, new RecordingHandler { DropAtRecipient = true }, [Ehlo, From, To, Quit]);

        Assert.Equal(["250 2.1.0"], run.Codes);
        Assert.Equal(SessionEndReason.Dropped, run.End);
    }
}
