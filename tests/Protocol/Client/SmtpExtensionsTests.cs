using FsCheck.Xunit;
using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Tests.Client;

public class SmtpExtensionsTests
{
    [Theory]
    [InlineData("DELIVERBY", true, 0)]
    [InlineData("DELIVERBY 120", true, 120)]
    [InlineData("deliverby 120,later-option=1", true, 120)]
    [InlineData("DELIVERBY soon", true, 0)]
    [InlineData("DELIVERBY 99999999999999999999", true, 0)]
    [InlineData("DELIVERBYE 120", false, 0)]
    public void Deliver_by_is_read(string line, bool isOffered, long least)
    {
        SmtpExtensions extensions = Parse(line);

        Assert.Equal((isOffered, least), (extensions.DeliverBy, extensions.DeliverByLeast));
    }

    [Theory]
    [InlineData("LIMITS MAILMAX=10 RCPTMAX=100 RCPTDOMAINMAX=2", 10, 100, 2)]
    [InlineData("limits rcptmax=7", 0, 7, 0)]
    [InlineData("LIMITS  RCPTMAX=7  FOOMAX=3 BAR ", 0, 7, 0)]
    [InlineData("LIMITS RCPTMAX=0 MAILMAX=-1 RCPTDOMAINMAX=x", 0, 0, 0)]
    [InlineData("LIMITS RCPTMAX= =5 MAILMAX=99999999999", 0, 0, 0)]
    [InlineData("LIMITS", 0, 0, 0)]
    [InlineData("DSN", 0, 0, 0)]
    public void Limits_are_read(string line, int messages, int recipients, int domains) =>
        Assert.Equal(new SmtpLimits(messages, recipients, domains), Parse(line).Limits);

    [Fact]
    public void Further_extensions_are_read()
    {
        SmtpExtensions all = Parse("MT-PRIORITY MIXER\r\nBINARYMIME\r\nCHUNKING");

        Assert.True(all.MtPriority && all.BinaryMime && all.Chunking);
        Assert.False(SmtpExtensions.None.MtPriority || SmtpExtensions.None.DeliverBy);
    }

    [Property(MaxTest = 1000)]
    public void No_line_throws(string? text)
    {
        string clean = string.Concat((text ?? "").Where(static c => !char.IsControl(c)));
        foreach (string keyword in new[] { "LIMITS ", "DELIVERBY ", "SIZE ", "" })
        {
            SmtpExtensions extensions = Parse(keyword + clean);
            Assert.True(extensions.Limits is { Messages: >= 0, Recipients: >= 0, Domains: >= 0 } && extensions.DeliverByLeast >= 0 && extensions.MaxSize >= 0);
        }
    }

    private static SmtpExtensions Parse(string lines) => SmtpExtensions.Parse(new SmtpReply(250, default(EnhancedStatus), "server.example\r\n" + lines));
}
