using System.Net;
using System.Text;
using FsCheck.Xunit;

namespace SlimtaFast.MailAuth.Tests;

public sealed class AuthenticationResultsTests
{
    [Fact]
    public void Field_without_findings_says_so() => Assert.Equal("Authentication-Results: mx.example.org; none\r\n", AuthenticationResults.Write("mx.example.org", []));

    [Fact]
    public void Value_that_is_no_atom_is_quoted()
    {
        var finding = new MethodFinding("spf", MailAuthResult.PermError)
        {
            Reason = "a \"bad\" record;\r\n x=y",
            Properties = [new MethodProperty("smtp", "mailfrom", "\"a b\"@example.org"), new MethodProperty("smtp", "helo", "a;b")],
        };
        Assert.Equal(
            "Authentication-Results: mx.example.org;\r\n spf=permerror\r\n reason=\"a \\\"bad\\\" record;?? x=y\"\r\n smtp.mailfrom=\"\\\"a b\\\"@example.org\"\r\n smtp.helo=\"a;b\"\r\n",
            AuthenticationResults.Write("mx.example.org", [finding]));
    }

    [Theory]
    [InlineData(" mx.example.org; spf=pass", true)]
    [InlineData("MX.Example.ORG;none", true)]
    [InlineData(" mx.example.org. ; spf=pass", true)]
    [InlineData("\r\n\t(a (nested) comment \\) )\r\n mx.example.org (x) 1 ; dkim=pass", true)]
    [InlineData(" \"mx.example.org\"; spf=pass", true)]
    [InlineData(" \"mx.\\example.org\"; spf=pass", true)]
    [InlineData(" mx.example.org\r\n", true)]
    [InlineData(" (unclosed mx.example.org; spf=pass", true)]
    [InlineData(" ; spf=pass", true)]
    [InlineData(" spf=pass smtp.mailfrom=x@y", true)]
    [InlineData(" other.example.org; spf=pass (by mx.example.org)", false)]
    [InlineData(" amx.example.org; spf=pass", false)]
    [InlineData(" mx.example.org.evil.test; spf=pass", false)]
    [InlineData(" (mx.example.org) other.test 1; spf=pass", false)]
    public void Field_that_may_claim_to_be_ours_is_told(string value, bool isClaim) =>
        Assert.Equal(isClaim, AuthenticationResults.MayClaim(Encoding.Latin1.GetBytes(value), "mx.example.org"));

    [Theory]
    [InlineData(" pass (mx.example.org: domain of x) client-ip=1.2.3.4", true)]
    [InlineData(" pass\r\n receiver = \"MX.example.org\" ; client-ip=1.2.3.4", true)]
    [InlineData(" pass receiver=mx.example.org", true)]
    [InlineData(" pass (a) receiver(b)=(c (d))mx.example.org(e)", true)]
    [InlineData(" pass (a receiver=x", true)]
    [InlineData(" pass receiver=mx.example.org.evil.test; x=y", false)]
    [InlineData(" pass (other.test: domain of x) receiver=other.test; envelope-from=\"a@mx.example.org\"", false)]
    public void Received_spf_that_may_claim_to_be_ours_is_told(string value, bool isClaim) =>
        Assert.Equal(isClaim, ReceivedSpf.MayClaim(Encoding.Latin1.GetBytes(value), "mx.example.org"));

    [Property(MaxTest = 1000)]
    public bool Whatever_is_written_is_one_field_of_short_lines_of_ours(string? sender, string? hello, string? problem, string? mechanism)
    {
        var finding = new SpfFinding
        {
            Request = SpfRequest.ForMailFrom(IPAddress.Parse("2001:db8::1"), sender ?? "", hello ?? ""),
            Result = MailAuthResult.PermError,
            Domain = sender ?? "",
            Problem = problem,
            Mechanism = mechanism,
        };
        string results = AuthenticationResults.Write("mx.example.org", [finding.ToMethodFinding()]), received = ReceivedSpf.Write("mx.example.org", finding);
        return IsOneField(results)
            && IsOneField(received)
            && AuthenticationResults.MayClaim(ValueOf(results), "mx.example.org")
            && !AuthenticationResults.MayClaim(ValueOf(results), "other.example.org")
            && ReceivedSpf.MayClaim(ValueOf(received), "mx.example.org");
    }

    [Property(MaxTest = 2000)]
    public bool What_cannot_be_read_may_be_a_claim_and_nothing_throws(byte[] value)
    {
        _ = ReceivedSpf.MayClaim(value, "mx.example.org");
        return AuthenticationResults.TryReadServerId(value, out _) || AuthenticationResults.MayClaim(value, "mx.example.org");
    }

    private static byte[] ValueOf(string field) => Encoding.ASCII.GetBytes(field[(field.IndexOf(':', StringComparison.Ordinal) + 1)..]);

    private static bool IsOneField(string field)
    {
        string[] lines = field.Split("\r\n");
        return lines[^1].Length == 0
            && lines[..^1].All(static line => line.Length is > 0 and <= 998 && line.All(static c => c is >= ' ' and <= '~'))
            && lines[1..^1].All(static line => line.StartsWith(' ') && line.Trim().Length > 0);
    }
}
