using System.Text;
using FsCheck;
using FsCheck.Xunit;
using SlimtaFast.Protocol.Client;

namespace SlimtaFast.Protocol.Tests.Client;

public class XtextEncoderTests
{
    [Theory]
    [InlineData("plain@x.example", "plain@x.example")]
    [InlineData("a+b=c d", "a+2Bb+3Dc+20d")]
    [InlineData("a\r\nRSET", "a+0D+0ARSET")]
    [InlineData("\u00fc", "+C3+BC")]
    public void Encode_gives_xtext(string value, string expected)
    {
        byte[] target = new byte[XtextEncoder.GetMaxLength(value)];
        Assert.Equal(expected, Encoding.UTF8.GetString(target, 0, XtextEncoder.Encode(value, target)));
    }

    [Theory]
    [InlineData(true, "j\u00fc@x.example")]
    [InlineData(false, "j\\x{FC}@x.example")]
    public void EncodeUtf8Address_depends_on_the_transaction(bool smtpUtf8, string expected)
    {
        const string Value = "j\u00fc@x.example";
        byte[] target = new byte[XtextEncoder.GetMaxLength(Value)];
        Assert.Equal(expected, Encoding.UTF8.GetString(target, 0, XtextEncoder.EncodeUtf8Address(Value, smtpUtf8, target)));
    }

    [Property(MaxTest = 300)]
    public void Encode_any_value_is_decoded_as_it_was_and_never_leaves_its_word(NonNull<string> value)
    {
        string text = new string([.. value.Get.EnumerateRunes().SelectMany(static rune => rune.ToString())]);
        byte[] target = new byte[XtextEncoder.GetMaxLength(text)];
        int length = XtextEncoder.Encode(text, target);
        var decoded = new List<byte>();
        for (int i = 0; i < length; i++)
        {
            Assert.InRange(target[i], (byte)33, (byte)126);
            if (target[i] == (byte)'+')
            {
                decoded.Add(Convert.FromHexString(Encoding.ASCII.GetString(target, i + 1, 2))[0]);
                i += 2;
            }
            else
            {
                decoded.Add(target[i]);
            }
        }

        Assert.Equal(text, Encoding.UTF8.GetString([.. decoded]));
    }
}
