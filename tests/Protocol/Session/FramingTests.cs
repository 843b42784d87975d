using SlimtaFast.Mail;
using static SlimtaFast.Protocol.Tests.Session.Dialogue;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>Where a message ends, and what becomes of one that tries to end somewhere else.</summary>
public class FramingTests
{
    public static TheoryData<Cut, string> ForgedEnds()
    {
        string[] forged = ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r\n.\r\r\n", "\r\r\n", "a\rb\r\n", "a\nb\r\n", "\n"];
        var data = new TheoryData<Cut, string>();
        foreach (Cut cut in Enum.GetValues<Cut>())
        {
            foreach (string end in forged)
                data.Add(cut, end);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(ForgedEnds))]
    public async Task A_bare_line_end_is_read_past_refused_and_ends_the_session(Cut cut, string forged)
    {
        Dialogue run = await PlayAsync(cut, Ehlo, From, To, Begin, "Subject: x\r\n\r\nbody" + forged + "MAIL FROM:<evil@b.example>\r\n.\r\n", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "354", "550 5.6.11"], run.Codes);
        Assert.Empty(run.Handler.Messages);
        Assert.Equal(1, run.Handler.Resets);
        Assert.Equal(SessionEndReason.BadLineEnd, run.End);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task An_empty_message_is_taken(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, Ehlo, From, To, Begin, ".\r\n", Quit);

        Assert.Equal([""], run.Handler.Messages);
        Assert.Equal(["250 2.1.0", "250 2.1.5", "354", "250 2.0.0", "221 2.0.0"], run.Codes);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Commands_behind_the_end_are_run(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, Ehlo, From, To, Begin, "one\r\n.\r\n", From, To, Begin, "..two\r\n.\r\n", Quit);

        Assert.Equal(["one\r\n", ".two\r\n"], run.Handler.Messages);
        Assert.Equal(SessionEndReason.Quit, run.End);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task An_unfinished_message_leaves_no_trace(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, Ehlo, From, To, Begin, "half\r\n.");

        Assert.Empty(run.Handler.Messages);
        Assert.Equal(["250 2.1.0", "250 2.1.5", "354"], run.Codes);
        Assert.Equal(SessionEndReason.ClientGone, run.End);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Nul_is_refused_by_default_and_taken_where_allowed(Cut cut)
    {
        string[] script = [Ehlo, From, To, Begin, "a\0b\r\n.\r\n", Quit];

        Dialogue refused = await PlayAsync(cut, script);
        Dialogue taken = await PlayAsync(cut, new RecordingHandler(), Options with { AllowNul = true }, script);

        Assert.Equal("550 5.6.0", refused.Codes[3]);
        Assert.Equal(SessionEndReason.Quit, refused.End);
        Assert.Equal(["a\0b\r\n"], taken.Handler.Messages);
        Assert.Equal(ContentTraits.Nul, taken.Handler.Traits[0]);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task A_long_line_is_marked_or_refused_at_the_end(Cut cut)
    {
        string[] script = [Ehlo, From, To, Begin, new string('x', 3000) + "\r\n.\r\n", Quit];

        Dialogue taken = await PlayAsync(cut, script);
        Dialogue refused = await PlayAsync(cut, new RecordingHandler(), Options with { RefuseLongLines = true }, script);

        Assert.Equal(ContentTraits.LongLine, taken.Handler.Traits[0]);
        Assert.Equal("550 5.6.0", refused.Codes[3]);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task A_message_over_the_limit_is_read_to_its_end_and_refused(Cut cut)
    {
        Dialogue run = await PlayAsync(
            cut, new RecordingHandler(), Options with { MaxMessageSize = 10 }, Ehlo, From, To, Begin, "0123456789\r\nRSET\r\n.\r\n", From, To, Begin, "01234567\r\n.\r\n", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "354", "552 5.3.4", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0", "221 2.0.0"], run.Codes);
        Assert.Equal(["01234567\r\n"], run.Handler.Messages);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task A_message_beyond_the_discard_bound_closes(Cut cut)
    {
        Dialogue run = await PlayAsync(
            cut, new RecordingHandler(), Options with { MaxMessageSize = 10, MaxDiscard = 100 }, [Ehlo, From, To, Begin, .. Enumerable.Repeat("0123456789\r\n", 50)]);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "354", "552 5.3.4"], run.Codes);
        Assert.Equal(SessionEndReason.TooLong, run.End);
    }

    [Theory]
    [InlineData(Cut.Lines)]
    [InlineData(Cut.Whole)]
    public async Task Content_before_354_closes_by_default(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, new RecordingHandler(), new SmtpServerOptions(), Ehlo, From + To + Begin + "x\r\n.\r\n", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "554 5.5.0"], run.Codes);
        Assert.Equal(SessionEndReason.OutOfStep, run.End);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Eight_bit_content_is_kept_and_marked(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, Ehlo, "MAIL FROM:<a@b.example> BODY=8BITMIME\r\n", To, Begin, "\u00e9\r\n.\r\n", Quit);

        Assert.Equal(["\u00e9\r\n"], run.Handler.Messages);
        Assert.Equal(ContentTraits.EightBit, run.Handler.Traits[0]);
        Assert.Equal(BodyType.EightBitMime, run.Handler.Transactions[0].Body);
    }
}
