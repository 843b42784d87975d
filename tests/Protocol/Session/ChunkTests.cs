using SlimtaFast.Mail;
using static SlimtaFast.Protocol.Tests.Session.Dialogue;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>BDAT: the octets of a chunk are taken or dropped exactly, whatever is answered.</summary>
public class ChunkTests
{
    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Chunks_make_one_message(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, Ehlo, From, To, "BDAT 6\r\nab\r\n.\r", "BDAT 3\r\n\nQU", "BDAT 0\r\n", "BDAT 4 LAST\r\nIT\r\n", Quit);

        Assert.Equal(["ab\r\n.\r\nQUIT\r\n"], run.Handler.Messages);
        Assert.Equal(["250 2.1.0", "250 2.1.5", "250 2.0.0", "250 2.0.0", "250 2.0.0", "250 2.0.0", "221 2.0.0"], run.Codes);
        Assert.Equal(ContentTraits.LeadingDot, run.Handler.Traits[0]);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task An_empty_last_chunk_ends_the_message(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, Ehlo, From, To, "BDAT 3\r\nab\n", "BDAT 0 LAST\r\n", From, To, "BDAT 0 LAST\r\n", From, To, "BDAT 2\r\nab", "BDAT 0 LAST\r\n");

        Assert.Equal(["", "ab"], run.Handler.Messages);
        Assert.Equal(ContentTraits.NoFinalLineEnd, run.Handler.Traits[1]);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task A_chunk_out_of_order_is_dropped_exactly(Cut cut)
    {
        var handler = new RecordingHandler { OnRecipient = _ => new SmtpReply(550, "5.1.1", "No such user") };

        Dialogue run = await PlayAsync(cut, handler, Ehlo, "BDAT 6\r\nQUIT\r\n", From, To, "BDAT 6 LAST\r\nQUIT\r\n", "NOOP\r\n", Quit);

        Assert.Equal(["503 5.5.1", "250 2.1.0", "550 5.1.1", "554 5.5.1", "250 2.0.0", "221 2.0.0"], run.Codes);
    }

    [Theory]
    [InlineData("BDAT 99999999999999999999 LAST\r\n")]
    [InlineData("BDAT -1\r\n")]
    [InlineData("BDAT 0x10\r\n")]
    [InlineData("BDAT\r\n")]
    [InlineData("BDAT 5 FIRST\r\n")]
    public async Task A_bad_size_closes_in_every_state(string line)
    {
        foreach (Cut cut in Enum.GetValues<Cut>())
        {
            Dialogue early = await PlayAsync(cut, Ehlo, line, Quit);
            Dialogue inTime = await PlayAsync(cut, Ehlo, From, To, line, Quit);

            Assert.Equal(["501 5.5.4"], early.Codes);
            Assert.Equal("501 5.5.4", inTime.Codes[^1]);
            Assert.Equal(SessionEndReason.OutOfStep, inTime.End);
        }
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Data_after_a_chunk_ends_the_transaction(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, Ehlo, From, To, "BDAT 2\r\nab", Begin, "BDAT 2 LAST\r\nab", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "250 2.0.0", "503 5.5.1", "503 5.5.1", "221 2.0.0"], run.Codes);
        Assert.Empty(run.Handler.Messages);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Recipients_cannot_follow_a_chunk(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, Ehlo, From, To, "BDAT 2\r\nab", To, From, "BDAT 2 LAST\r\n\r\n", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "250 2.0.0", "503 5.5.1", "503 5.5.1", "250 2.0.0", "221 2.0.0"], run.Codes);
        Assert.Single(run.Handler.Transactions[0].Recipients);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task The_sum_of_chunks_is_limited(Cut cut)
    {
        Dialogue run = await PlayAsync(
            cut, new RecordingHandler(), Options with { MaxMessageSize = 5 }, Ehlo, From, To, "BDAT 3\r\nabc", "BDAT 3\r\ndef", "BDAT 1 LAST\r\ng", "NOOP\r\n", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "250 2.0.0", "552 5.3.4", "503 5.5.1", "250 2.0.0", "221 2.0.0"], run.Codes);
        Assert.Empty(run.Handler.Messages);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task A_chunk_beyond_the_discard_bound_closes_at_once(Cut cut)
    {
        Dialogue run = await PlayAsync(
            cut, new RecordingHandler(), Options with { MaxMessageSize = 5, MaxDiscard = 50 }, Ehlo, From, To, "BDAT 51\r\n", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "552 5.3.4"], run.Codes);
        Assert.Equal(SessionEndReason.TooLong, run.End);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task A_reset_between_chunks_frees_what_came(Cut cut)
    {
        var budget = new ContentBudget(1_000_000);
        var handler = new RecordingHandler { Writer = () => new PooledContentWriter(new QueueId(1), 1000, budget, _ => throw new InvalidOperationException()) };

        Dialogue run = await PlayAsync(cut, handler, Ehlo, From, To, "BDAT 2\r\nab", "RSET\r\n", From, To, "BDAT 4 LAST\r\ncd\r\n", Quit);

        Assert.Equal(["cd\r\n"], run.Handler.Messages);
        Assert.Equal(0, budget.Used);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Bare_line_ends_in_chunks_are_refused_without_closing(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, Ehlo, From, To, "BDAT 4 LAST\r\na\nb\n", From, To, "BDAT 3\r\na\r\n", "BDAT 1 LAST\r\n\r", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "550 5.6.11", "250 2.1.0", "250 2.1.5", "250 2.0.0", "550 5.6.11", "221 2.0.0"], run.Codes);
        Assert.Empty(run.Handler.Messages);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task The_worst_problem_of_a_content_is_answered_however_it_is_cut(Cut cut)
    {
        Dialogue run = await PlayAsync(
            cut, new RecordingHandler(), Options with { MaxMessageSize = 6 }, Ehlo, From, To, "BDAT 3 LAST\r\n\0\0\n", From, To, Begin, "\0aaaaaa\r\n.\r\n", From, To, "BDAT 2\r\n\0a", "NOOP\r\n", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "550 5.6.11", "250 2.1.0", "250 2.1.5", "354", "552 5.3.4", "250 2.1.0", "250 2.1.5", "550 5.6.0", "250 2.0.0", "221 2.0.0"], run.Codes);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task A_refusal_of_the_content_drops_the_chunk(Cut cut)
    {
        var handler = new RecordingHandler { OnData = () => new SmtpReply(451, "4.7.1", "Greylisted") };

        Dialogue run = await PlayAsync(cut, handler, Ehlo, From, To, "BDAT 6\r\nQUIT\r\n", "BDAT 6 LAST\r\nQUIT\r\n", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "451 4.7.1", "503 5.5.1", "221 2.0.0"], run.Codes);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task A_flood_of_tiny_chunks_closes(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, [Ehlo, From, To, .. Enumerable.Repeat("BDAT 1\r\nx", 200)]);

        Assert.Equal(103, run.Codes.Length);
        Assert.Equal("421 4.7.0", run.Codes[^1]);
    }

    [Fact]
    public async Task A_missing_last_chunk_runs_into_the_timeout()
    {
        var connection = new TestKit.Connections.ScriptedConnection(
            [.. new[] { Ehlo, From, To, "BDAT 10\r\nabc" }.Select(System.Text.Encoding.Latin1.GetBytes)], TestKit.Connections.ScriptEnd.Silence);

        Dialogue run = await RunAsync(connection, new RecordingHandler(), Options);

        Assert.Equal(SessionEndReason.Timeout, run.End);
        Assert.Equal("421 4.4.2", run.Codes[^1]);
        Assert.Equal(Options.DataBlockTimeout, connection.Deadlines[^2]);
    }
}
