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
}
