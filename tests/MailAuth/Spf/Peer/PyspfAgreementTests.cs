using System.Globalization;
using System.Net;
using SlimtaFast.Dns;
using SlimtaFast.TestKit.Dns;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;
using Xunit.Abstractions;

namespace SlimtaFast.MailAuth.Tests.Spf.Peer;

/// <summary>The same questions to this evaluator and to an independent one, pyspf, about the same real name server.</summary>
public sealed class PyspfAgreementTests(ITestOutputHelper output)
{
    private const int Seed = 7208;
    private const int MostShown = 20;
    private const int UsualVoidLimit = 2;
    private const int NoVoidLimit = 1000;
    private const string VoidMessage = "Void lookup limit";
    private const int MostTerms = 10;
    private const string LookupMessage = "Too many DNS lookups";
    private const string RecursionMessage = "include has trivial recursion";
    private const string NoExplanation = "SPF fail - not authorized";

    [FullFact("/usr/sbin/knotd", "/usr/bin/python3", "/usr/lib/python3/dist-packages/spf.py")]
    public async Task Both_find_the_same_or_the_rfc_says_why_not()
    {
        var zones = new GeneratedZones(Seed);
        await using KnotProgram server = await KnotProgram.StartAsync(zones.Zones);
        Task<string[]> asking = AskPeerAsync(zones.Requests, server.Port, UsualVoidLimit);
        var dns = new DnsClientResolver(new DnsResolverOptions { Servers = [new IPEndPoint(IPAddress.Loopback, server.Port)] }, TimeProvider.System);
        SpfFinding[] ours = await AskOursAsync(dns, zones.Requests, UsualVoidLimit);
        string[] theirs = await asking;
        Assert.True(ours.Length >= 10_000);
        int[] different = [.. Enumerable.Range(0, ours.Length).Where(i => !IsSame(ours[i], theirs[i]))];

        // RFC 7208 section 4.6.4 limits the *terms* that find nothing; pyspf limits the questions. So where it has stopped for that, both are asked again
        // without that limit, and have to agree.
        int[] stopped = [.. different.Where(i => theirs[i].Contains(VoidMessage, StringComparison.Ordinal))];
        SpfRequest[] again = [.. stopped.Select(i => zones.Requests[i])];
        string[] theirsAgain = await AskPeerAsync(again, server.Port, NoVoidLimit);
        SpfFinding[] oursAgain = await AskOursAsync(dns, again, NoVoidLimit);
        var unexplained = new List<string>();
        for (int i = 0; i < again.Length; i++)
        {
            if (!IsSame(oursAgain[i], theirsAgain[i]))
                unexplained.Add(await ShowAsync(dns, theirsAgain[i], oursAgain[i]));
        }

        // Section 4.6.4 has no rule about a policy that includes itself: it runs into the limit of 10 terms, unless a term before it matches. pyspf
        // refuses it when it reads the record.
        int[] recursive = [.. different.Where(i => theirs[i].Contains(RecursionMessage, StringComparison.Ordinal))];

        // The same section limits the terms that cause questions; pyspf counts a redirect when it reads it, although a mechanism before it matches
        // (section 6.1) and nothing is asked.
        var redirected = new List<int>();
        foreach (int i in different.Except(stopped).Except(recursive))
        {
            if (theirs[i].Contains(LookupMessage, StringComparison.Ordinal) && await CountWithUnusedRedirectsAsync(dns, ours[i]) > MostTerms)
                redirected.Add(i);
            else
                unexplained.Add(await ShowAsync(dns, theirs[i], ours[i]));
        }

        foreach (IGrouping<MailAuthResult, SpfFinding> group in ours.GroupBy(static finding => finding.Result).OrderBy(static group => group.Key))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{group.Key}: {group.Count()}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ours.Length} questions, {different.Length} different answers: {stopped.Length} void questions, {recursive.Length} recursions, {redirected.Count} unused redirects"));
        Assert.True(unexplained.Count == 0, $"{unexplained.Count} of {ours.Length} differ:\n\n{string.Join("\n\n", unexplained.Take(MostShown))}");
    }

    // The answers about explanations count only where both fail.
    private static bool IsSame(SpfFinding ours, string theirs)
    {
        string[] parts = theirs.Split('\t');
        return ours.Result.ToWord() == parts[0] && (ours.Result != MailAuthResult.Fail || parts[1] == (ours.Explanation ?? NoExplanation));
    }

    // The terms that asked, and the redirects of the records that were read without being followed.
    private static async Task<int> CountWithUnusedRedirectsAsync(DnsClientResolver dns, SpfFinding ours)
    {
        const string Redirect = "redirect=";
        var trace = new EvaluationTrace();
        await new SpfEvaluator(dns).CheckAsync(ours.Request, trace);
        int read = trace.Steps.Count(static step => step.Text.Contains(": v=spf1", StringComparison.OrdinalIgnoreCase) && step.Text.Contains(" " + Redirect, StringComparison.OrdinalIgnoreCase));
        int followed = trace.Steps.Count(static step => step.Text.StartsWith(Redirect, StringComparison.Ordinal));
        return ours.Lookups + read - followed;
    }

    private static async Task<string> ShowAsync(DnsClientResolver dns, string theirs, SpfFinding ours)
    {
        var trace = new EvaluationTrace();
        await new SpfEvaluator(dns).CheckAsync(ours.Request, trace);
        return $"theirs: {theirs}\nours: {ours.Result} {ours.Problem} {ours.Explanation}\n{trace}";
    }

    private static async Task<SpfFinding[]> AskOursAsync(DnsClientResolver dns, IReadOnlyList<SpfRequest> requests, int voidLimit)
    {
        var evaluator = new SpfEvaluator(dns, new SpfOptions { Receiver = "mx.spf.test", MaxVoidLookups = voidLimit });
        var findings = new SpfFinding[requests.Count];
        for (int i = 0; i < findings.Length; i++)
            findings[i] = await evaluator.CheckAsync(requests[i]);
        return findings;
    }

    private static async Task<string[]> AskPeerAsync(IReadOnlyList<SpfRequest> requests, int port, int voidLimit)
    {
        string questions = string.Concat(requests.Select(static request => $"{request.Client}\t{(request.LocalPart == "postmaster" ? "" : request.Sender)}\t{request.HelloName}\n"));
        string script = Path.Combine(AppContext.BaseDirectory, "Spf/Peer/evaluate.py");
        (int code, string answers) = await RunningProgram.RunAsync(
            "/usr/bin/python3", [script, port.ToString(CultureInfo.InvariantCulture), voidLimit.ToString(CultureInfo.InvariantCulture)], questions, TimeSpan.FromMinutes(4));
        Assert.True(code == 0, answers);
        string[] lines = answers.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(requests.Count, lines.Length);
        return lines;
    }
}
