using SlimtaFast.Mail;
using static SlimtaFast.Protocol.Tests.Session.Dialogue;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>LMTP (RFC 2033): LHLO, and one reply for each accepted recipient.</summary>
public class LmtpTests
{
    private const string Lhlo = "LHLO client.example\r\n";
    private const string To2 = "RCPT TO:<e@d.example>\r\n";

    private static readonly SmtpServerOptions Lmtp = Options with { Lmtp = true };

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Other_hellos_are_refused_in_either_protocol(Cut cut)
    {
        Dialogue lmtp = await PlayAsync(cut, new RecordingHandler(), Lmtp, Ehlo, "HELO c\r\n", From, "HELP\r\n", Lhlo, From, Quit);
        Dialogue smtp = await PlayAsync(cut, Lhlo, From, Ehlo, From, Quit);

        Assert.Equal(["500 5.5.1", "500 5.5.1", "503 5.5.1", "214 2.0.0", "250 2.1.0", "221 2.0.0"], lmtp.Codes);
        Assert.StartsWith("220 mx.example LMTP\r\n", lmtp.Connection.Answers.Text, StringComparison.Ordinal);
        Assert.Contains("503 5.5.1 Send LHLO first", lmtp.Connection.Answers.Text, StringComparison.Ordinal);
        Assert.Contains("PIPELINING", lmtp.Connection.Answers.Text, StringComparison.Ordinal);
        Assert.Equal(["500 5.5.2", "503 5.5.1", "250 2.1.0", "221 2.0.0"], smtp.Codes);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Content_is_answered_for_each_accepted_recipient_in_order(Cut cut)
    {
        Dialogue data = await PlayAsync(cut, MakeJudge(), Lmtp, Lhlo, From, To, "RCPT TO:<x@d.example>\r\n", To2, To, Begin, "m\r\n.\r\n", Quit);
        Dialogue chunks = await PlayAsync(cut, MakeJudge(), Lmtp, Lhlo, From, To, To2, "BDAT 2\r\nm\r", "BDAT 1 LAST\r\n\n", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "550 5.1.1", "250 2.1.5", "250 2.1.5", "354", "250 2.0.0", "452 4.2.2", "550 5.7.1", "221 2.0.0"], data.Codes);
        Assert.Equal(["250 2.1.0", "250 2.1.5", "250 2.1.5", "250 2.0.0", "250 2.0.0", "452 4.2.2", "221 2.0.0"], chunks.Codes);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Each_recipient_has_its_answer_before_one_refusal_too_many_ends_the_session(Cut cut)
    {
        RecordingHandler? handler = null;
        SmtpReply no = new(550, "5.7.1", "No"), yes = new(250, "2.0.0", "Ok");
        handler = new RecordingHandler
        {
            OnMessage = () =>
            {
                handler!.Transactions[^1].PerRecipientReplies = [no, no, yes];
                return new(no);
            },
        };

        Dialogue run = await PlayAsync(cut, handler, Lmtp with { MaxRefusals = 1 }, Lhlo, From, To, To2, To, Begin, ".\r\n");

        Assert.Equal(["354", "550 5.7.1", "550 5.7.1", "250 2.0.0", "421 4.7.0"], run.Codes[4..]);
        Assert.Equal(SessionEndReason.TooManyErrors, run.End);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task One_answer_stands_for_all_recipients_where_the_handler_says_no_more(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, new RecordingHandler(), Lmtp, Lhlo, From, To, To, Begin, ".\r\n", From, To, Begin, ".\r\n", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "250 2.1.5", "354", "250 2.0.0", "250 2.0.0", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0", "221 2.0.0"], run.Codes);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Data_without_a_valid_recipient_is_answered_503_and_a_last_chunk_not_at_all(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, new RecordingHandler(), Lmtp, Lhlo, Begin, From, Begin, "BDAT 3 LAST\r\nabc", "BDAT 3\r\nabc", "NOOP\r\n", Quit);

        Assert.Equal(["503 5.5.1", "250 2.1.0", "503 5.5.1", "503 5.5.1", "250 2.0.0", "221 2.0.0"], run.Codes);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Content_that_cannot_be_taken_is_refused_for_each_recipient(Cut cut)
    {
        Dialogue big = await PlayAsync(cut, new RecordingHandler(), Lmtp with { MaxMessageSize = 3 }, Lhlo, From, To, To2, Begin, "long\r\n.\r\n", Quit);
        Dialogue nul = await PlayAsync(cut, new RecordingHandler(), Lmtp, Lhlo, From, To, To2, "BDAT 1 LAST\r\n\0", Quit);
        Dialogue bare = await PlayAsync(cut, new RecordingHandler(), Lmtp, Lhlo, From, To, To2, Begin, "a\nb\r\n.\r\n", Quit);
        Dialogue data = await PlayAsync(cut, new RecordingHandler { OnData = () => new SmtpReply(451, "4.0.0", "No") }, Lmtp, Lhlo, From, To, To2, "BDAT 1 LAST\r\nx", Quit);
        Dialogue none = await PlayAsync(cut, new RecordingHandler { Writer = () => throw new IOException() }, Lmtp, Lhlo, From, To, To2, "BDAT 1 LAST\r\nx", Quit);

        Assert.Equal(["354", "552 5.3.4", "552 5.3.4", "221 2.0.0"], big.Codes[3..]);
        Assert.Equal(["550 5.6.0", "550 5.6.0", "221 2.0.0"], nul.Codes[3..]);
        Assert.Equal(["354", "550 5.6.11", "550 5.6.11"], bare.Codes[3..]);
        Assert.Equal(SessionEndReason.BadLineEnd, bare.End);
        Assert.Equal(["451 4.0.0", "451 4.0.0", "221 2.0.0"], data.Codes[3..]);
        Assert.Equal(["451 4.3.0", "451 4.3.0", "221 2.0.0"], none.Codes[3..]);
    }

    [Theory]
    [InlineData("", "LMTP")]
    [InlineData(" SMTPUTF8", "UTF8LMTP")]
    public async Task The_protocol_has_its_own_name(string parameter, string protocol)
    {
        Dialogue run = await PlayAsync(Cut.Lines, new RecordingHandler(), Lmtp, Lhlo, $"MAIL FROM:<a@b.example>{parameter}\r\n", To, Begin, ".\r\n");

        Assert.Equal(protocol, run.Handler.Clients[0].Protocol);
    }

    // Knows no x@, and judges the first three recipients differently.
    private static RecordingHandler MakeJudge()
    {
        RecordingHandler? handler = null;
        handler = new RecordingHandler
        {
            OnRecipient = address => address.StartsWith('x') ? new SmtpReply(550, "5.1.1", "Nobody") : default,
            OnMessage = () =>
            {
                handler!.Transactions[^1].PerRecipientReplies = [new SmtpReply(250, "2.0.0", "Ok"), new SmtpReply(452, "4.2.2", "Full"), new SmtpReply(550, "5.7.1", "No")];
                return new(new SmtpReply(452, "4.2.2", "Full"));
            },
        };
        return handler;
    }
}
