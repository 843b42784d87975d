using static SlimtaFast.Protocol.Tests.Session.Dialogue;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>Lines that are no commands.</summary>
public class CommandLineTests
{
    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task A_bare_line_feed_makes_the_whole_line_bad(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, Ehlo, "NOOP\nRSET\r\n", "NOOP\r\n", "NOOP\r\r\n", "NOOP\r\n", Quit);

        Assert.Equal(["500 5.5.2", "500 5.5.2", "250 2.0.0", "500 5.5.2", "250 2.0.0", "221 2.0.0"], run.Codes);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task A_client_that_ends_lines_with_line_feeds_gets_answers_and_no_service(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, [.. Enumerable.Repeat("NOOP\n", 30)]);

        Assert.Equal([.. Enumerable.Repeat("500 5.5.2", 20), "421 4.7.0"], run.Codes);
        Assert.Equal(SessionEndReason.TooManyErrors, run.End);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Nul_controls_and_malformed_utf8_are_refused_and_never_echoed(Cut cut)
    {
        Dialogue run = await PlayAsync(
            cut, "EHLO \u00ff\u00fe\r\n", "EHLO a\0b\r\n", "EHLO \u00ed\u00a0\u0080\r\n", "EHLO \u00e2\u0080\u00a8\r\n", "EHLO \u00c3\u00a9.example\r\n", "\u00c3\u00a9\u00c3\u00a9\r\n", "\r\n", Quit);

        Assert.Equal(["500 5.5.2", "500 5.5.2", "500 5.5.2", "500 5.5.2", "501 5.5.2", "500 5.5.2", "500 5.5.2", "221 2.0.0"], run.Codes);
        Assert.All(run.Connection.Answers.Text, c => Assert.True(c is '\r' or '\n' or (>= ' ' and <= '~')));
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task A_line_may_have_2048_octets_and_no_more(Cut cut)
    {
        string longest = "NOOP " + new string('x', 2048 - 7) + "\r\n";

        Dialogue run = await PlayAsync(cut, Ehlo, longest, "x" + longest, Quit);

        Assert.Equal(["250 2.0.0", "500 5.5.2", "221 2.0.0"], run.Codes);
    }

    [Theory]
    [InlineData(Cut.Whole)]
    [InlineData(Cut.Lines)]
    [InlineData(Cut.Segments)]
    public async Task A_line_without_end_closes(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, [Ehlo, .. Enumerable.Repeat(new string('x', 1000), 80)]);

        Assert.Equal(["500 5.5.2"], run.Codes);
        Assert.Equal(SessionEndReason.TooLong, run.End);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task A_line_without_end_whose_line_feeds_are_bare_is_still_one_line(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, Ehlo, new string('x', 3000) + "\n", "NOOP\n", "NOOP\r\n", "NOOP\r\n", Quit);

        Assert.Equal(["500 5.5.2", "250 2.0.0", "221 2.0.0"], run.Codes);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n", "421 4.7.0")]
    [InlineData("POST / HTTP/1.1\r\n", "421 4.7.0")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "421 4.7.0")]
    [InlineData("SSH-2.0-OpenSSH\r\n", "421 4.7.0")]
    public async Task Another_protocol_closes_at_once(string first, string code)
    {
        foreach (Cut cut in Enum.GetValues<Cut>())
        {
            Dialogue run = await PlayAsync(cut, first, "Host: x\r\n", Ehlo, From);

            Assert.Equal([code], run.Codes);
            Assert.Equal(first.StartsWith("PROXY", StringComparison.Ordinal) ? SessionEndReason.UntrustedProxy : SessionEndReason.WrongProtocol, run.End);
        }
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task A_tls_hello_closes_at_once_without_an_answer(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, "\u0016\u0003\u0001\u0002\u0000\u0001\n\u0000", Ehlo);

        Assert.Empty(run.Codes);
        Assert.Equal(SessionEndReason.WrongProtocol, run.End);
    }

    [Theory]
    [InlineData("EHLO\r\n", "501 5.5.4")]
    [InlineData("HELO \r\n", "501 5.5.4")]
    [InlineData("EHLO a b\r\n", "501 5.5.2")]
    [InlineData("EHLO (x)\r\n", "501 5.5.2")]
    [InlineData("EHLO [::1]\r\n", "250")]
    [InlineData("EHLO [IPv6:2001:db8::1]\r\n", "250")]
    [InlineData("EHLO under_score\r\n", "250")]
    [InlineData("HELO x\r\n", "250")]
    [InlineData("EXPN list\r\n", "502 5.5.1")]
    [InlineData("VRFY joe\r\n", "252 2.5.2")]
    [InlineData("VRFY\r\n", "501 5.5.4")]
    [InlineData("HELP\r\n", "214 2.0.0")]
    [InlineData("HELP MAIL\r\n", "214 2.0.0")]
    [InlineData("NOOP\r\n", "250 2.0.0")]
    [InlineData("RSET now\r\n", "501 5.5.4")]
    [InlineData("QUIT now\r\n", "501 5.5.4")]
    [InlineData("STARTTLS\r\n", "500 5.5.2")]
    [InlineData("LHLO x\r\n", "500 5.5.2")]
    public async Task A_command_is_answered(string line, string code)
    {
        foreach (Cut cut in Enum.GetValues<Cut>())
        {
            Dialogue run = await PlayAsync(cut, line);

            string[] codes = [.. run.Connection.Answers.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1)];
            Assert.StartsWith(code, codes[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_hello_of_256_octets_is_refused()
    {
        Assert.Equal(["501 5.5.2"], (await PlayAsync(Cut.Lines, "EHLO " + new string('x', 256) + "\r\n")).Codes);
        Assert.Empty((await PlayAsync(Cut.Lines, "EHLO " + new string('x', 255) + "\r\n")).Codes);
    }
}
