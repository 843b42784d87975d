using System.Text;
using FsCheck.Xunit;
using SlimtaFast.TestKit;

namespace SlimtaFast.Mail.Tests;

[Properties(Arbitrary = [typeof(MailArbitraries)])]
public sealed class QueueIdTests
{
    [Property]
    public bool Printed_form_is_32_hex_digits_and_reads_back(QueueId id)
    {
        Span<byte> octets = stackalloc byte[QueueId.PrintedLength];
        id.Format(octets);
        string text = id.ToString();
        return text.Length == 32 && text.All(char.IsAsciiHexDigitLower) && Encoding.ASCII.GetString(octets) == text
            && QueueId.TryParse(text, out QueueId read) && read == id;
    }

    [Property]
    public bool Order_of_names_is_order_of_ids(QueueId left, QueueId right) =>
        Math.Sign(string.CompareOrdinal(left.ToString(), right.ToString())) == Math.Sign(left.CompareTo(right))
        && (left < right) == (left.CompareTo(right) < 0) && (left >= right) == !(left < right) && (left <= right) == !(left > right)
        && (left == right) == left.Equals(right) && (left != right) == !left.Equals(right);

    [Theory]
    [InlineData("")]
    [InlineData("019cec8a4c507000800000000000000")]
    [InlineData("019cec8a4c50700080000000000000011")]
    [InlineData("019cec8a4c50700080000000000000g1")]
    [InlineData(" 19cec8a4c5070008000000000000001")]
    [InlineData("019cec8a-4c50-7000-8000-00000001")]
    public void Other_text_is_no_id(string text) => Assert.False(QueueId.TryParse(text, out _));

    [Fact]
    public void Default_names_nothing()
    {
        Assert.True(default(QueueId).IsNone);
        Assert.False(Envelopes.NewId().IsNone);
    }
}
