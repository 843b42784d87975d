using System.Net;
using SlimtaFast.MailAuth.Spf;

namespace SlimtaFast.MailAuth.Tests.Spf;

/// <summary>RFC 7208 section 7.4 has these examples.</summary>
public sealed class MacroExpansionTests
{
    [Theory]
    [InlineData("%{s}", "strong-bad@email.example.com")]
    [InlineData("%{o}", "email.example.com")]
    [InlineData("%{d}", "email.example.com")]
    [InlineData("%{d4}", "email.example.com")]
    [InlineData("%{d3}", "email.example.com")]
    [InlineData("%{d2}", "example.com")]
    [InlineData("%{d1}", "com")]
    [InlineData("%{dr}", "com.example.email")]
    [InlineData("%{d2r}", "example.email")]
    [InlineData("%{l}", "strong-bad")]
    [InlineData("%{l-}", "strong.bad")]
    [InlineData("%{lr}", "strong-bad")]
    [InlineData("%{lr-}", "bad.strong")]
    [InlineData("%{l1r-}", "strong")]
    [InlineData("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com")]
    [InlineData("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com")]
    [InlineData("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com")]
    [InlineData("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com")]
    [InlineData("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net")]
    public void Examples_of_the_rfc(string text, string expected) => Assert.Equal(expected, Expand(text));

    [Fact]
    public void Example_of_the_rfc_for_ipv6() => Assert.Equal(
        "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com", Expand("%{ir}.%{v}._spf.%{d2}", "2001:db8::cb01"));

    [Fact]
    public void Name_that_is_too_long_loses_labels_from_the_left()
    {
        string? name = Expand(string.Concat(Enumerable.Repeat("%{d}.", 40)) + "end.org");
        Assert.NotNull(name);
        Assert.InRange(name.Length, 240, 253);
        Assert.EndsWith(".email.example.com.end.org", name, StringComparison.Ordinal);
        Assert.Matches("^(email|example|com)[.]", name);
    }

    [Fact]
    public void Expansion_that_explodes_is_cut_while_it_is_made()
    {
        MacroText text = MacroText.Parse(string.Concat(Enumerable.Repeat("%{s}.", 3000)) + "end.org", MacroPlace.DomainSpec, out _)!;
        long before = GC.GetAllocatedBytesForCurrentThread();
        string? name = new MacroExpansion().ToName(text, Values("192.0.2.3", new string('x', 60) + "." + new string('y', 50)));
        Assert.EndsWith("end.org", name, StringComparison.Ordinal);
        // 3,000 values are made, but never more than a few kept.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3_000_000);
    }

    [Theory]
    [InlineData("a..example.org")]
    [InlineData(".example.org")]
    [InlineData("a0123456789012345678901234567890123456789012345678901234567890123.example.org")]
    public void Name_that_the_dns_cannot_hold_is_none(string text) => Assert.Null(Expand(text));

    private static string? Expand(string text, string client = "192.0.2.3")
    {
        MacroText? parsed = MacroText.Parse(text, MacroPlace.DomainSpec, out string? problem);
        Assert.Null(problem);
        return new MacroExpansion().ToName(parsed!, Values(client, "strong-bad"));
    }

    private static MacroValues Values(string client, string localPart)
    {
        SpfRequest request = SpfRequest.ForMailFrom(IPAddress.Parse(client), $"{localPart}@email.example.com", "mail.example.com");
        return new MacroValues(request, ClientAddress.Of(request.Client), request.Domain, request.HelloName, request.Domain, "unknown", "mx.example.org", DateTimeOffset.UnixEpoch);
    }
}
