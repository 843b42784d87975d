using FsCheck.Xunit;

namespace SlimtaFast.Mail.Tests;

public sealed class EnhancedStatusTests
{
    [Theory]
    [InlineData("2.0.0", 2, 0, 0, 5)]
    [InlineData("5.1.1 No such user", 5, 1, 1, 5)]
    [InlineData("4.999.999", 4, 999, 999, 9)]
    public void Code_at_the_start_is_read(string text, byte type, ushort subject, ushort detail, int consumed)
    {
        Assert.True(EnhancedStatus.TryParse(text, out EnhancedStatus status, out int read));
        Assert.Equal((new EnhancedStatus(type, subject, detail), consumed), (status, read));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2.0.")]
    [InlineData("2.0")]
    [InlineData("3.0.0")]
    [InlineData("2..0.0")]
    [InlineData("2.1000.0")]
    [InlineData("5.7.1234")]
    [InlineData(" 2.0.0")]
    [InlineData("20.0.0")]
    [InlineData("2.-1.0")]
    public void Other_text_is_no_code(string text)
    {
        Assert.False(EnhancedStatus.TryParse(text, out EnhancedStatus status, out int consumed));
        Assert.Equal((default, 0), (status, consumed));
    }

    [Property]
    public bool Printed_form_reads_back(ushort subject, ushort detail, byte type)
    {
        var status = new EnhancedStatus((byte)(type % 3 == 0 ? 2 : 3 + (type % 3)), (ushort)(subject % 1000), (ushort)(detail % 1000));
        return EnhancedStatus.TryParse(status.ToString(), out EnhancedStatus read, out int consumed) && read == status && consumed == status.ToString().Length;
    }

    [Property]
    public bool Any_text_is_read_or_refused_without_an_exception(string? text) =>
        !EnhancedStatus.TryParse(text, out EnhancedStatus status, out int consumed) || (!status.IsNone && consumed <= text!.Length);

    [Fact]
    public void None_prints_as_nothing() => Assert.Equal("", default(EnhancedStatus).ToString());
}
