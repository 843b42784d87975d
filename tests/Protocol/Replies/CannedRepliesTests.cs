using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Tests.Replies;

public class CannedRepliesTests
{
    public static TheoryData<string> Names => [.. Enum.GetNames<Canned>().Where(static name => name is not (nameof(Canned.None) or nameof(Canned.StartMail)))];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_reply_has_an_enhanced_code_of_its_class(string name)
    {
        string text = Encoding.ASCII.GetString(CannedReplies.Get(Enum.Parse<Canned>(name)));

        Assert.Matches("^[245][0-9][0-9] [245]\\.[0-9]+\\.[0-9]+ [ -~]+\r\n$", text);
        Assert.Equal(text[0], text[4]);
        Assert.True(EnhancedStatus.TryParse(text.AsSpan(4), out _, out _));
    }
}
