using System.Text;
using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Tests.Commands;

public class RecipientParametersTests
{
    [Theory]
    [InlineData("NOTIFY=NEVER", DsnNotify.Never)]
    [InlineData("notify=success,Failure,DELAY", DsnNotify.Success | DsnNotify.Failure | DsnNotify.Delay)]
    [InlineData("", DsnNotify.Unspecified)]
    public void Notify_is_read(string text, DsnNotify expected)
    {
        Assert.Equal(Canned.None, RecipientParameters.TryParse(Encoding.ASCII.GetBytes(text), out RecipientParameters parameters));
        Assert.Equal(expected, parameters.Notify);
    }

    [Theory]
    [InlineData("ORCPT=rfc822;a+2Bb@c.example", "rfc822;a+b@c.example")]
    [InlineData("ORCPT=rfc822;srs0=x=y@c.example", "rfc822;srs0=x=y@c.example")]
    [InlineData("ORCPT=utf-8;\u00e9@c.example", "utf-8;\u00e9@c.example")]
    public void Original_recipient_is_decoded(string text, string expected)
    {
        Assert.Equal(Canned.None, RecipientParameters.TryParse(Encoding.UTF8.GetBytes(text), out RecipientParameters parameters));
        Assert.Equal(expected, parameters.OriginalRecipient);
    }

    [Theory]
    [InlineData("NOTIFY=", "BadParameter")]
    [InlineData("NOTIFY=NEVER,FAILURE", "BadParameter")]
    [InlineData("NOTIFY=SUCCESS,", "BadParameter")]
    [InlineData("NOTIFY=SOMETIMES", "BadParameter")]
    [InlineData("NOTIFY=NEVER NOTIFY=NEVER", "RepeatedParameter")]
    [InlineData("ORCPT=a@b.example", "BadParameter")]
    [InlineData("ORCPT=rfc822;", "BadParameter")]
    [InlineData("ORCPT=;a", "BadParameter")]
    [InlineData("ORCPT=rfc 822;a", "BadParameter")]
    [InlineData("ORCPT=rfc822;a+0D+0ADSN", "BadParameter")]
    [InlineData("ORCPT=rfc822;a+E2+80+A8b", "BadParameter")]
    [InlineData("ORCPT=rfc822;a+FF", "BadParameter")]
    [InlineData("SIZE=1", "UnknownParameter")]
    public void A_bad_parameter_is_refused(string text, string error) =>
        Assert.Equal(error, RecipientParameters.TryParse(Encoding.ASCII.GetBytes(text), out _).ToString());

    [Property(MaxTest = 2000)]
    public void No_text_throws_and_none_brings_a_control_character(byte[] text)
    {
        RecipientParameters.TryParse([.. "ORCPT=rfc822;"u8, .. text], out RecipientParameters parameters);

        Assert.DoesNotContain(parameters.OriginalRecipient ?? "", char.IsControl);
    }
}
