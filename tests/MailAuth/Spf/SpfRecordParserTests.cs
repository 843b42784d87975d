using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SlimtaFast.MailAuth.Spf;

namespace SlimtaFast.MailAuth.Tests.Spf;

public sealed class SpfRecordParserTests
{
    private static readonly string[] Good =
    [
        "all", "-all", "~all", "?ALL", "a", "A/24", "a//64", "a/0//0", "a:example.org", "a:example.org/24//64", "a:a/b.example.org/8", "mx", "mx:example.org.", "ptr", "ptr:example.org",
        "ip4:192.0.2.1", "ip4:192.0.2.0/24", "ip4:0.0.0.0/0", "ip6:2001:db8::1", "ip6:2001:DB8::/32", "ip6:::", "ip6:::ffff:192.0.2.1/96", "include:example.org", "include:%{d}",
        "exists:%{i}.%{l1r-}.%{D2}.example.org", "exists:%%%_%-.example.org", "exists:%{s/+}", "x-y.z_1=%{c}%{t}", "x=", "a:%{h}", "a:xn--abc.xn--p1ai",
    ];

    private static readonly string[] Bad =
    [
        "al", "all:", "all/8", "a:", "a/", "a/33", "a/08", "a//129", "a/24/64", "a:com", "a:example.1", "a:example.-x", "a:example.x-", "a:.", "mx:", "ptr/24", "ptr:", "ip4", "ip4:", "ip4:1.2.3",
        "ip4:1.2.3.04", "ip4:1.2.3.256", "ip4:1.2.3.4/33", "ip4:1.2.3.4//8", "ip4:::1", "ip6", "ip6:1.2.3.4", "ip6:::1/129", "ip6:::1%1", "ip6:[::1]", "ip6:1:2", "include", "include:", "exists",
        "redirect", "redirect:example.org", "redirect=", "exp=", "=x", "1x=y", "+x=y", "x=%", "x=%a", "x=%{d", "x=%{}", "exists:%{d0}.org", "exists:%{dr2}.org", "exists:%{z}.org", "exists:%{c}.org", "-", "+", "a\tmx", "a:\u00e9.org",
    ];

    public static TheoryData<string> GoodTerms => [.. Good];

    public static TheoryData<string> BadTerms => [.. Bad];

    [Theory]
    [MemberData(nameof(GoodTerms))]
    public void Term_of_the_grammar_is_read(string term) => Assert.Null(SpfRecordParser.Parse($"v=spf1 {term}  -all ").Problem);

    [Theory]
    [MemberData(nameof(BadTerms))]
    public void Term_outside_the_grammar_makes_the_record_unusable(string term) => Assert.NotNull(SpfRecordParser.Parse($"v=spf1 +all {term}").Problem);

    [Theory]
    [InlineData("v=spf1", true)]
    [InlineData("V=SPF1 all", true)]
    [InlineData("v=spf10", false)]
    [InlineData("v=spf1\t", false)]
    [InlineData(" v=spf1", false)]
    [InlineData("v=spf", false)]
    [InlineData("", false)]
    public void Version_tells_a_record(string text, bool isRecord) => Assert.Equal(isRecord, SpfRecordParser.IsRecord(text));

    [Fact]
    public void Modifier_that_may_stand_once_may_not_stand_twice()
    {
        Assert.NotNull(SpfRecordParser.Parse("v=spf1 redirect=a.org REDIRECT=a.org").Problem);
        Assert.NotNull(SpfRecordParser.Parse("v=spf1 exp=a.org exp=a.org").Problem);
        Assert.Null(SpfRecordParser.Parse("v=spf1 x=a x=a redirect=a.org exp=a.org").Problem);
    }

    [Fact]
    public void Record_beyond_the_limit_is_unusable_at_once()
    {
        string longest = "v=spf1 " + string.Concat(Enumerable.Repeat("a ", (SpfRecordParser.LongestRecord - 7) / 2));
        Assert.Null(SpfRecordParser.Parse(longest).Problem);
        Assert.NotNull(SpfRecordParser.Parse(longest.PadRight(SpfRecordParser.LongestRecord + 1)).Problem);
        Assert.True(SpfRecordParser.Parse("v=spf1 " + new string('x', 5_000_000)).Text.Length < 1000);
    }

    [Property(MaxTest = 500)]
    public Property Terms_in_any_order_are_read_as_they_are_alone() => Prop.ForAll(
        Gen.Elements(Good).ListOf().Select(static terms => terms.ToArray()).ToArbitrary(),
        static terms =>
        {
            SpfRecord record = SpfRecordParser.Parse("v=spf1 " + string.Join(' ', terms));
            string[] mechanisms = [.. terms.Where(static term => !term.Contains('=', StringComparison.Ordinal))];
            return record.Problem is null && record.Mechanisms.Select(static mechanism => mechanism.Text).SequenceEqual(mechanisms);
        });

    [Property(MaxTest = 500)]
    public Property One_bad_term_anywhere_makes_the_record_unusable() => Prop.ForAll(
        (from before in Gen.Elements(Good).ListOf()
         from bad in Gen.Elements(Bad)
         from after in Gen.Elements(Good).ListOf()
         select string.Join(' ', (string[])["v=spf1", .. before, bad, .. after])).ToArbitrary(),
        static text => SpfRecordParser.Parse(text).Problem is not null);

    [Property(MaxTest = 2000)]
    public bool No_text_throws(string? text) => SpfRecordParser.Parse("v=spf1 " + text) is not null;
}
