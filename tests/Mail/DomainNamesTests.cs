using FsCheck.Xunit;

namespace SlimtaFast.Mail.Tests;

public sealed class DomainNamesTests
{
    [Theory]
    [InlineData("Backup.Internal", "backup.internal")]
    [InlineData("backup", "backup")]
    [InlineData("under_score.example.", "under_score.example.")]
    [InlineData("[192.0.2.1]", "[192.0.2.1]")]
    [InlineData("[IPv6:2001:DB8::1]", "[ipv6:2001:db8::1]")]
    [InlineData("Bücher.example", "bücher.example")]
    public void Routing_domain_is_read_in_lower_case_as_that_of_an_address_is(string text, string expected)
    {
        Assert.True(DomainNames.TryReadRoutingDomain(text, out string domain));
        Assert.Equal(expected, domain);
        Assert.Equal(Mailbox.Parse("x@" + text).GetRoutingDomain(), domain);
    }

    [Property(MaxTest = 2000)]
    public bool Whatever_is_read_is_read_again_as_it_is(string text)
    {
        bool isDomain = DomainNames.TryReadRoutingDomain(text, out string domain);
        return isDomain
            ? DomainNames.TryReadRoutingDomain(domain, out string again) && again == domain && Mailbox.TryParse("x@" + domain, out _)
            : domain.Length == 0;
    }

    [Fact]
    public void Domain_that_grows_beyond_the_longest_in_lower_case_is_refused()
    {
        // 127 letters of two octets each, of three in lower case.
        string grows = string.Join('.', Enumerable.Repeat(new string('\u023a', 31), 4));
        Assert.True(System.Text.Encoding.UTF8.GetByteCount(grows) <= 255);
        Assert.False(DomainNames.TryReadRoutingDomain(grows, out string domain));
        Assert.Equal("", domain);
    }
}
