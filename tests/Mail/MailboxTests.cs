using System.Text;
using FsCheck.Xunit;
using SlimtaFast.TestKit;

namespace SlimtaFast.Mail.Tests;

[Properties(Arbitrary = [typeof(MailArbitraries)])]
public sealed class MailboxTests
{
    [Theory]
    [InlineData("bob@example.org", "bob", "example.org")]
    [InlineData("\"a@b\"@example.org", "\"a@b\"", "example.org")]
    [InlineData("\"a\\\"@b\"@example.org", "\"a\\\"@b\"", "example.org")]
    [InlineData("x@[192.0.2.1]", "x", "[192.0.2.1]")]
    [InlineData("x@[ipv6:2001:DB8::1]", "x", "[ipv6:2001:DB8::1]")]
    [InlineData("用户@例え.テスト", "用户", "例え.テスト")]
    [InlineData("postmaster", "postmaster", "")]
    [InlineData("PostMaster", "PostMaster", "")]
    public void Mailbox_has_its_parts_as_written(string text, string local, string domain)
    {
        Mailbox mailbox = Mailbox.Parse(text);
        Assert.Equal(text, mailbox.Address);
        Assert.Equal(text, mailbox.ToString());
        Assert.Equal(local, mailbox.LocalPart.ToString());
        Assert.Equal(domain, mailbox.Domain.ToString());
        Assert.False(mailbox.IsNull);
    }

    [Theory]
    [InlineData("")]
    [InlineData("bob")]
    [InlineData("@example.org")]
    [InlineData("bob@")]
    [InlineData("a@b@c")]
    [InlineData("a b@c")]
    [InlineData("<a@b>")]
    [InlineData("a@b\r\n")]
    [InlineData("a@b c")]
    [InlineData("\"a\r\nb\"@c")]
    [InlineData("\"a\tb\"@c")]
    [InlineData("\"open@c")]
    [InlineData("a@[]")]
    [InlineData("a@[1.2.3]")]
    [InlineData("a@[1.2.3.4.5]")]
    [InlineData("a@[1.2.3.256]")]
    [InlineData("a@[1.2.3.0x4]")]
    [InlineData("a@[IPv6:]")]
    [InlineData("a@[IPv6:192.0.2.1]")]
    [InlineData("a@[IPv6:fe80::1%eth0]")]
    [InlineData("a@[x")]
    [InlineData("a@b..c")]
    [InlineData("a@.b")]
    [InlineData("a\u0085b@c")]
    [InlineData("a\u2028b@c")]
    [InlineData("\"a\u2029b\"@c")]
    [InlineData("a@b\u0085")]
    public void Text_that_is_no_mailbox_is_refused(string text)
    {
        Assert.False(Mailbox.TryParse(text, out Mailbox mailbox));
        Assert.True(mailbox.IsNull);
        Assert.Throws<FormatException>(() => Mailbox.Parse(text));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused() => Assert.False(Mailbox.TryParse("a\ud800@b", out _));

    [Fact]
    public void Octets_that_are_no_UTF8_are_refused()
    {
        Assert.False(Mailbox.TryParse([.. "a"u8, 0xFF, .. "@b"u8], out _));
        Assert.False(Mailbox.TryParse([.. "a@b"u8, 0xC3], out _));
        Assert.False(Mailbox.TryParse([.. "a"u8, 0xC0, 0x80, .. "@b"u8], out _));
    }

    [Theory]
    [InlineData(256, 63, true)]
    [InlineData(257, 63, false)]
    [InlineData(256, 64, false)]
    public void Lengths_are_limited(int local, int label, bool taken)
    {
        string text = $"{new string('l', local)}@{new string('d', label)}";
        Assert.Equal(taken, Mailbox.TryParse(text, out _));
        Assert.Equal(taken, Mailbox.TryParse(Encoding.ASCII.GetBytes(text), out _));
    }

    [Fact]
    public void Text_far_too_long_is_refused_without_an_exception() =>
        Assert.False(Mailbox.TryParse(new string('あ', 100_000) + "@b", out _));

    [Fact]
    public void Null_reverse_path_is_empty_and_equals_only_itself()
    {
        Assert.True(Mailbox.Null.IsNull);
        Assert.Equal("", Mailbox.Null.Address);
        Assert.True(Mailbox.Null.LocalPart.IsEmpty);
        Assert.True(Mailbox.Null.Domain.IsEmpty);
        Assert.Equal("", Mailbox.Null.GetRoutingDomain());
        Assert.Equal(default, Mailbox.Null);
        Assert.NotEqual(Mailbox.Null, Mailbox.Parse("postmaster"));
    }

    [Fact]
    public void Equality_ignores_case_in_domains_only()
    {
        Assert.Equal(Mailbox.Parse("Bob@Example.ORG"), Mailbox.Parse("Bob@example.org"));
        Assert.Equal(Mailbox.Parse("Bob@Example.ORG").GetHashCode(), Mailbox.Parse("Bob@example.org").GetHashCode());
        Assert.True(Mailbox.Parse("Bob@example.org") != Mailbox.Parse("bob@example.org"));
    }

    [Fact]
    public void Routing_domain_is_one_lower_case_string_for_each_domain()
    {
        string domain = Mailbox.Parse("a@Routing.Example").GetRoutingDomain();
        Assert.Equal("routing.example", domain);
        Assert.Same(domain, Mailbox.Parse("b@ROUTING.example").GetRoutingDomain());
    }

    [Theory]
    [InlineData("bob@example.org", false)]
    [InlineData("bøb@example.org", true)]
    [InlineData("bob@exämple.org", true)]
    public void Need_of_UTF8_is_told(string text, bool needed) => Assert.Equal(needed, Mailbox.Parse(text).NeedsUtf8);

    [Property(MaxTest = 500)]
    public bool Mailbox_is_read_from_octets_and_characters_alike(Mailbox mailbox) =>
        Mailbox.TryParse(Encoding.UTF8.GetBytes(mailbox.Address), out Mailbox fromOctets) && fromOctets.Address == mailbox.Address
        && Mailbox.TryParse(mailbox.Address, out Mailbox fromText) && fromText == mailbox;

    [Property(MaxTest = 2000)]
    public bool Any_octets_are_taken_or_refused_without_an_exception(byte[] octets) =>
        !Mailbox.TryParse(octets, out Mailbox mailbox) || !mailbox.Address.Any(char.IsControl);
}
