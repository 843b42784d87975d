using System.Net;
using SlimtaFast.Dns;

namespace SlimtaFast.MailAuth.Spf;

/// <summary>One evaluation: the function check_host() of RFC 7208 section 4, with the state that its recursions share. Used once; not thread-safe.</summary>
internal sealed class SpfEvaluation
{
    private const int LongestExplanation = 500;

    private readonly SpfRequest _request;
    private readonly IDnsResolver _dns;
    private readonly PolicyCache _policies;
    private readonly SpfOptions _options;
    private readonly EvaluationTrace? _trace;
    private readonly CancellationToken _cancellationToken;
    private readonly LookupGuard _guard;
    private readonly ClientAddress _client;
    private readonly string _domain;
    private readonly string _hello;
    private readonly ClientNames _names;
    private MacroExpansion? _expansion;
    private string? _problem;
    private bool _isStopped;
    private MailAuthResult _stop;

    /// <summary>Prepares an evaluation.</summary>
    public SpfEvaluation(
        SpfRequest request, string domain, string hello, IDnsResolver dns, PolicyCache policies, SpfOptions options, TimeProvider time, EvaluationTrace? trace, CancellationToken cancellationToken)
    {
        _request = request;
        _domain = domain;
        _hello = hello;
        _dns = dns;
        _policies = policies;
        _options = options;
        _trace = trace;
        _cancellationToken = cancellationToken;
        _guard = new LookupGuard(options, time, cancellationToken);
        _client = ClientAddress.Of(request.Client);
        _names = new ClientNames(request.Client, dns, _guard, cancellationToken);
    }

    /// <summary>What, besides client and domain, the result depends on.</summary>
    public MacroUse Uses { get; private set; }

    /// <summary>Evaluates.</summary>
    public async ValueTask<SpfFinding> RunAsync()
    {
        Verdict verdict = await CheckHostAsync(_domain).ConfigureAwait(false);
        string? explanation = verdict is { Result: MailAuthResult.Fail, Record.Explanation: { } text }
            ? await ExplainAsync(text, verdict.Domain).ConfigureAwait(false)
            : null;
        return new SpfFinding
        {
            Request = _request,
            Result = verdict.Result,
            Domain = _domain,
            Mechanism = verdict.Mechanism?.Text,
            Problem = verdict.Result is MailAuthResult.None or MailAuthResult.TempError or MailAuthResult.PermError ? PrintableText.Make(_problem ?? "", LongestExplanation) : null,
            Explanation = explanation,
            Lookups = Math.Min(_guard.Terms, LookupGuard.MostTerms),
            Until = _guard.Until,
        };
    }

    /// <summary>False where a domain cannot have a policy (RFC 7208 section 4.3): a bad label, an address literal, or only one label.</summary>
    public static bool CanHavePolicy(string domain) => domain.Contains('.', StringComparison.Ordinal) && !domain.StartsWith('[');

    private async ValueTask<Verdict> CheckHostAsync(string? domain)
    {
        if (domain is null || !CanHavePolicy(domain))
            return End(MailAuthResult.None, "it is not a domain name");
        DnsAnswer<string> answer = await _guard.WaitAsync(_dns.LookupTxtAsync(domain, _cancellationToken)).ConfigureAwait(false);
        if (answer.Status == DnsStatus.Failed)
            return End(MailAuthResult.TempError, $"TXT {domain}: {answer.Problem}");
        SpfPolicy policy = _policies.Get(answer);
        if (policy.IsAmbiguous)
            return End(MailAuthResult.PermError, $"{domain} has more than one SPF record");
        if (policy.Record is not { } record)
            return End(MailAuthResult.None, answer.Status == DnsStatus.NoSuchName ? $"{domain} does not exist" : $"{domain} has no SPF record");
        _trace?.Add($"{domain}: {record.Text}");
        return record.Problem is null
            ? await EvaluateAsync(record, domain).ConfigureAwait(false)
            : End(MailAuthResult.PermError, $"the record of {domain}: {record.Problem}");
    }

    private async ValueTask<Verdict> EvaluateAsync(SpfRecord record, string domain)
    {
        foreach (Mechanism mechanism in record.Mechanisms)
        {
            MatchStatus status;
            if (!mechanism.AsksDns)
            {
                status = MatchesAddress(mechanism) ? MatchStatus.Yes : MatchStatus.No;
                _trace?.Add($"{mechanism.Text}: {Describe(status, mechanism)}");
            }
            else
            {
                if (!_guard.TryBeginTerm())
                    return End(MailAuthResult.PermError, $"{mechanism.Text} of {domain}: more than {LookupGuard.MostTerms} terms ask the DNS");
                _trace?.Enter($"{mechanism.Text} ({_guard.Terms} of {LookupGuard.MostTerms})");
                status = await MatchAsync(mechanism, domain).ConfigureAwait(false);
                _trace?.Add(Describe(status, mechanism));
                _trace?.Leave();
            }

            if (status == MatchStatus.Yes)
                return new Verdict(mechanism.Qualifier, record, domain, mechanism);
            if (status == MatchStatus.Stop)
                return new Verdict(_stop);
        }

        return record.Redirect is null ? new Verdict(MailAuthResult.Neutral, record, domain) : await RedirectAsync(record.Redirect, domain).ConfigureAwait(false);
    }

    private async ValueTask<Verdict> RedirectAsync(MacroText target, string domain)
    {
        if (!_guard.TryBeginTerm())
            return End(MailAuthResult.PermError, $"redirect of {domain}: more than {LookupGuard.MostTerms} terms ask the DNS");
        string? name = CannotMatch(target) ? null : await ExpandAsync(target, domain).ConfigureAwait(false);
        if (_isStopped)
            return new Verdict(_stop);
        _trace?.Enter($"redirect={name} ({_guard.Terms} of {LookupGuard.MostTerms})");
        Verdict verdict = await CheckHostAsync(name).ConfigureAwait(false);
        _trace?.Leave();
        // RFC 7208 section 6.1: no policy there is a mistake here.
        return verdict.Result == MailAuthResult.None ? End(MailAuthResult.PermError, $"redirect of {domain}: {_problem}") : verdict;
    }

    private bool MatchesAddress(Mechanism mechanism) =>
        mechanism.Kind == MechanismKind.All || _client.IsWithin(mechanism.Network, _client.IsV4 ? mechanism.Prefix4 : mechanism.Prefix6);

    private async ValueTask<MatchStatus> MatchAsync(Mechanism mechanism, string domain)
    {
        string? name = domain;
        if (mechanism.Domain is { } target)
        {
            if (CannotMatch(target))
                return MatchStatus.No;
            name = await ExpandAsync(target, domain).ConfigureAwait(false);
            if (_isStopped)
                return MatchStatus.Stop;
        }

        // A name that the DNS cannot hold does not exist (section 4.8); of an included policy that is the same as none.
        if (name is null && mechanism.Kind != MechanismKind.Include)
            return MatchStatus.No;
        return mechanism.Kind switch
        {
            MechanismKind.Include => await IncludeAsync(name).ConfigureAwait(false),
            MechanismKind.A => await MatchHostAsync(mechanism, name!).ConfigureAwait(false),
            MechanismKind.Mx => await MatchExchangersAsync(mechanism, name!).ConfigureAwait(false),
            MechanismKind.Exists => await ExistsAsync(name!).ConfigureAwait(false),
            _ => await MatchNameAsync(name!).ConfigureAwait(false),
        };
    }

    // RFC 7208 section 5.2
    private async ValueTask<MatchStatus> IncludeAsync(string? name)
    {
        Verdict verdict = await CheckHostAsync(name).ConfigureAwait(false);
        if (verdict.Result == MailAuthResult.None)
            return Stop(MailAuthResult.PermError, $"include: {_problem}");
        if (verdict.Result is MailAuthResult.TempError or MailAuthResult.PermError)
            return Stop(verdict.Result, _problem!);
        return verdict.Result == MailAuthResult.Pass ? MatchStatus.Yes : MatchStatus.No;
    }

    // RFC 7208 section 5.3
    private async ValueTask<MatchStatus> MatchHostAsync(Mechanism mechanism, string host)
    {
        DnsAnswer<IPAddress> answer = await _guard.WaitAsync(
            _client.IsV4 ? _dns.LookupAAsync(host, _cancellationToken) : _dns.LookupAaaaAsync(host, _cancellationToken)).ConfigureAwait(false);
        if (Judge(answer, host) == MatchStatus.Stop)
            return MatchStatus.Stop;
        foreach (IPAddress address in answer.Records)
        {
            if (_client.IsWithin(ClientAddress.Of(address), _client.IsV4 ? mechanism.Prefix4 : mechanism.Prefix6))
                return MatchStatus.Yes;
        }

        return MatchStatus.No;
    }

    // RFC 7208 section 5.4
    private async ValueTask<MatchStatus> MatchExchangersAsync(Mechanism mechanism, string domain)
    {
        DnsAnswer<MxRecord> answer = await _guard.WaitAsync(_dns.LookupMxAsync(domain, _cancellationToken)).ConfigureAwait(false);
        if (Judge(answer, domain) == MatchStatus.Stop)
            return MatchStatus.Stop;
        if (answer.Records.Count > LookupGuard.MostTerms)
            return Stop(MailAuthResult.PermError, $"{domain} has more than {LookupGuard.MostTerms} mail exchangers");
        foreach (MxRecord exchanger in answer.Records)
        {
            // RFC 7505: the empty name of a domain that takes no mail.
            if (exchanger.Exchange.Length == 0)
                continue;
            MatchStatus status = await MatchHostAsync(mechanism, exchanger.Exchange).ConfigureAwait(false);
            if (status != MatchStatus.No)
                return status;
        }

        return MatchStatus.No;
    }

    // RFC 7208 section 5.7: an IPv4 address, whatever the client's is.
    private async ValueTask<MatchStatus> ExistsAsync(string name)
    {
        DnsAnswer<IPAddress> answer = await _guard.WaitAsync(_dns.LookupAAsync(name, _cancellationToken)).ConfigureAwait(false);
        if (Judge(answer, name) == MatchStatus.Stop)
            return MatchStatus.Stop;
        return answer.Records.Count > 0 ? MatchStatus.Yes : MatchStatus.No;
    }

    // RFC 7208 section 5.5
    private async ValueTask<MatchStatus> MatchNameAsync(string domain)
    {
        IReadOnlyList<string> names = await _names.GetAsync().ConfigureAwait(false);
        if (_names.WasVoid && !_guard.TryNoteVoid())
            return TooManyVoid();
        foreach (string name in names)
        {
            if (ClientNames.IsWithin(name, domain))
                return MatchStatus.Yes;
        }

        return MatchStatus.No;
    }

    // RFC 7208 section 5: a question that cannot be answered ends everything; one that finds nothing counts (section 4.6.4).
    private MatchStatus Judge<T>(DnsAnswer<T> answer, string name)
    {
        _trace?.Add($"{name}: {(answer.Status == DnsStatus.Found ? string.Join(", ", answer.Records.Select(static record => record is MxRecord mx ? mx.Exchange : record!.ToString())) : Describe(answer))}");
        if (answer.Status == DnsStatus.Failed)
            return Stop(MailAuthResult.TempError, $"{name}: {answer.Problem}");
        return answer.Status == DnsStatus.Found || _guard.TryNoteVoid() ? MatchStatus.No : TooManyVoid();
    }

    private MatchStatus TooManyVoid() => Stop(MailAuthResult.PermError, $"more than {_options.MaxVoidLookups} terms look up what does not exist");

    // RFC 8616 section 4: a local part that is not ASCII cannot be a label, so terms with it match nothing.
    private bool CannotMatch(MacroText text)
    {
        Uses |= text.Uses;
        return (text.Uses & MacroUse.LocalPart) != 0 && !System.Text.Ascii.IsValid(_request.LocalPart);
    }

    private async ValueTask<string?> ExpandAsync(MacroText text, string domain)
    {
        Uses |= text.Uses;
        string validated = "";
        if ((text.Uses & MacroUse.ValidatedName) != 0)
        {
            validated = await _names.GetBestAsync(domain).ConfigureAwait(false);
            if (_names.WasVoid && !_guard.TryNoteVoid())
            {
                TooManyVoid();
                return null;
            }
        }

        MacroValues values = ValuesOf(domain, validated);
        return (_expansion ??= new MacroExpansion()).ToName(text, in values);
    }

    // RFC 7208 section 6.2: whatever goes wrong here, there is just no explanation.
    private async ValueTask<string?> ExplainAsync(MacroText target, string domain)
    {
        if (CannotMatch(target) || await ExpandAsync(target, domain).ConfigureAwait(false) is not { } name)
            return null;
        DnsAnswer<string> answer = await _guard.WaitAsync(_dns.LookupTxtAsync(name, _cancellationToken)).ConfigureAwait(false);
        _trace?.Add($"exp={name}: {(answer.Records.Count == 1 ? answer.Records[0] : Describe(answer))}");
        if (answer.Records.Count != 1 || answer.Records[0].Length > SpfRecordParser.LongestRecord)
            return null;
        MacroText? text = MacroText.Parse(answer.Records[0], MacroPlace.Explanation, out _);
        if (text is null)
            return null;
        Uses |= text.Uses;
        string validated = (text.Uses & MacroUse.ValidatedName) != 0 ? await _names.GetBestAsync(domain).ConfigureAwait(false) : "";
        MacroValues values = ValuesOf(domain, validated);
        string explanation = (_expansion ??= new MacroExpansion()).ToText(text, in values, LongestExplanation);
        return explanation.Length > 0 ? explanation : null;
    }

    private MacroValues ValuesOf(string domain, string validated) =>
        new(_request, _client, _domain, _hello, domain, validated, _options.Receiver, _guard.Now);

    private Verdict End(MailAuthResult result, string problem)
    {
        _problem = problem;
        _trace?.Add($"{result.ToWord()}: {problem}");
        return new Verdict(result);
    }

    private MatchStatus Stop(MailAuthResult result, string problem)
    {
        _problem = problem;
        _isStopped = true;
        _stop = result;
        return MatchStatus.Stop;
    }

    private static string Describe<T>(DnsAnswer<T> answer) => answer.Status switch
    {
        DnsStatus.NoSuchName => "does not exist",
        DnsStatus.NoRecords => "no such record",
        DnsStatus.Failed => answer.Problem ?? "failed",
        _ => $"{answer.Records.Count} records",
    };

    private string Describe(MatchStatus status, Mechanism mechanism) => status switch
    {
        MatchStatus.Yes => $"matches: {mechanism.Qualifier.ToWord()}",
        MatchStatus.No => "does not match",
        _ => $"{_stop.ToWord()}: {_problem}",
    };
}
