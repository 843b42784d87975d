using System.Text;
using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Tests.Commands;

public class MailParametersTests
{
    [Fact]
    public void All_parameters_are_read()
    {
        Canned error = MailParameters.TryParse("size=12345 Body=8bitmime SMTPUTF8 RET=HDRS ENVID=QQ+2B314"u8, MailOffers.None, out MailParameters parameters);

        Assert.Equal(Canned.None, error);
        Assert.Equal(12345, parameters.Size);
        Assert.Equal(BodyType.EightBitMime, parameters.Body);
        Assert.True(parameters.SmtpUtf8);
        Assert.Equal(DsnReturn.Headers, parameters.Return);
        Assert.Equal("QQ+314", parameters.EnvelopeId);
    }

    [Theory]
    [InlineData("SIZE=99999999999999999999")]
    [InlineData("SIZE=9223372036854775808")]
    public void A_size_beyond_63_bits_is_the_largest_size(string text)
    {
        Assert.Equal(Canned.None, MailParameters.TryParse(Encoding.ASCII.GetBytes(text), MailOffers.None, out MailParameters parameters));
        Assert.Equal(long.MaxValue, parameters.Size);
    }

    [Theory]
    [InlineData("SIZE=-1", "BadParameter")]
    [InlineData("SIZE=", "BadParameter")]
    [InlineData("SIZE", "BadParameter")]
    [InlineData("SIZE=1k", "BadParameter")]
    [InlineData("SIZE=+5", "BadParameter")]
    [InlineData("SIZE=999999999999999999999", "BadParameter")]
    [InlineData("BODY=FOO", "BadParameter")]
    [InlineData("BODY", "BadParameter")]
    [InlineData("SMTPUTF8=1", "BadParameter")]
    [InlineData("RET=ALL", "BadParameter")]
    [InlineData("ENVID=a+0D+0A", "BadParameter")]
    [InlineData("ENVID=a+4", "BadParameter")]
    [InlineData("=1", "BadParameter")]
    [InlineData("-X=1", "BadParameter")]
    [InlineData("SIZE=1 SIZE=2", "RepeatedParameter")]
    [InlineData("BODY=7BIT BODY=7BIT", "RepeatedParameter")]
    [InlineData("SMTPUTF8 SMTPUTF8", "RepeatedParameter")]
    [InlineData("FOO", "UnknownParameter")]
    [InlineData("FOO=BAR", "UnknownParameter")]
    [InlineData("NOTIFY=NEVER", "UnknownParameter")]
    [InlineData("BODY=BINARYMIME", "BadParameter")]
    public void A_bad_parameter_is_refused(string text, string error) =>
        Assert.Equal(error, MailParameters.TryParse(Encoding.ASCII.GetBytes(text), MailOffers.None, out _).ToString());

    [Fact]
    public void An_envelope_id_has_at_most_100_characters()
    {
        Assert.Equal(Canned.None, MailParameters.TryParse(Encoding.ASCII.GetBytes("ENVID=" + new string('x', 100)), MailOffers.None, out _));
        Assert.Equal(Canned.BadParameter, MailParameters.TryParse(Encoding.ASCII.GetBytes("ENVID=" + new string('x', 101)), MailOffers.None, out _));
    }

    [Property(MaxTest = 2000)]
    public void No_text_throws_and_none_brings_a_control_character(byte[] text)
    {
        MailParameters.TryParse([.. "ENVID="u8, .. text], MailOffers.None, out MailParameters parameters);

        Assert.DoesNotContain(parameters.EnvelopeId ?? "", char.IsControl);
    }
}
