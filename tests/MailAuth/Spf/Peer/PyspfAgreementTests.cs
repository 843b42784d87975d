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
    private const string NoExplanation = "SPF fail - not authorized";

    [FullFact("/usr/sbin/knotd", "/usr/bin/python3", "/usr/lib/python3/dist-packages/spf.py")]
    public async Task Both_find_the_same_or_the_rfc_says_why_not()
    {
        var zones = new GeneratedZones(Seed);
        await using KnotProgram server = await KnotProgram.StartAsync(zones.Zones);
        Task<string[]> theirs = AskPeerAsync(zones, server.Port);
        var dns = new DnsClientResolver(new DnsResolverOptions { Servers = [new IPEndPoint(IPAddress.Loopback, server.Port)] }, TimeProvider.System);
        var evaluator = new SpfEvaluator(dns, new SpfOptions { Receiver = "mx.spf.test" });
        var ours = new List<SpfFinding>();
        foreach (SpfRequest request in zones.Requests)
            ours.Add(await evaluator.CheckAsync(request));
        string[] lines = await theirs;
        Assert.True(ours.Count >= 10_000);
        Assert.Equal(ours.Count, lines.Length);
        var explained = new Dictionary<string, int>();
        var unexplained = new List<string>();
        for (int i = 0; i < lines.Length; i++)
        {
            string[] parts = lines[i].Split('\t');
            if (IsSame(ours[i], parts[0], parts[1]))
                continue;
            if (Explain(ours[i], parts[0], parts[1]) is { } why)
            {
                explained[why] = explained.GetValueOrDefault(why) + 1;
                continue;
            }

            if (unexplained.Count >= MostShown)
            {
                unexplained.Add(lines[i]);
                continue;
            }

            var trace = new EvaluationTrace();
            await evaluator.CheckAsync(ours[i].Request, trace);
            unexplained.Add($"theirs: {lines[i]}\nours: {ours[i].Result} {ours[i].Problem} {ours[i].Explanation}\n{trace}");
        }

        foreach (IGrouping<MailAuthResult, SpfFinding> group in ours.GroupBy(static finding => finding.Result).OrderBy(static group => group.Key))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{group.Key}: {group.Count()}"));
        foreach ((string why, int count) in explained)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} differ: {why}"));
        Assert.True(unexplained.Count == 0, $"{unexplained.Count} of {lines.Length} differ:\n\n{string.Join("\n\n", unexplained.Take(MostShown))}");
    }

    private static bool IsSame(SpfFinding ours, string result, string explanation)
    {
        if (ours.Result.ToWord() != result)
            return false;
        return ours.Result != MailAuthResult.Fail || explanation == (ours.Explanation ?? NoExplanation);
    }

    // Why a difference is right by the RFC's text; null where it is not known to be.
    private static string? Explain(SpfFinding ours, string result, string explanation)
    {
        _ = ours;
        _ = result;
        _ = explanation;
        return null;
    }

    private static async Task<string[]> AskPeerAsync(GeneratedZones zones, int port)
    {
        string questions = string.Concat(zones.Requests.Select(static request =>
            $"{request.Client}\t{(request.LocalPart == "postmaster" ? "" : request.Sender)}\t{request.HelloName}\n"));
        (int code, string answers) = await RunningProgram.RunAsync(
            "/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Spf/Peer/evaluate.py"), port.ToString(CultureInfo.InvariantCulture)], questions, TimeSpan.FromMinutes(4));
        Assert.True(code == 0, answers);
        return answers.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
