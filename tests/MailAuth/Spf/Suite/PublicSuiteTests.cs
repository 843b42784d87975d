namespace SlimtaFast.MailAuth.Tests.Spf.Suite;

/// <summary>The public RFC 7208 suite, every case by its name.</summary>
public sealed class PublicSuiteTests
{
    public static TheoryData<string> Names => [.. SuiteFile.Cases.Keys];

    [Fact]
    public void Suite_is_whole() => Assert.Equal(203, SuiteFile.Cases.Count);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Case(string name)
    {
        SuiteCase test = SuiteFile.Cases[name];
        var evaluator = new SpfEvaluator(test.Zone.Open());
        var trace = new EvaluationTrace();
        SpfRequest request = SpfRequest.ForMailFrom(test.Client, test.MailFrom, test.Hello);
        SpfFinding finding = await evaluator.CheckAsync(request, trace);
        Assert.True(test.Results.Contains(finding.Result.ToWord()), $"{finding.Result}, not {string.Join(" or ", test.Results)}: {finding.Problem}\n{trace}");
        if (test.Explanation is not null)
            Assert.Equal(test.Explanation == "DEFAULT" ? null : test.Explanation, finding.Explanation);

        // The same without a trace, and once more out of the cache.
        Assert.Equal(finding with { }, await evaluator.CheckAsync(request));
        Assert.Equal(finding.Result, (await evaluator.CheckAsync(request)).Result);
    }
}
