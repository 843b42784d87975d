using System.Diagnostics.Metrics;
using SlimtaFast.Dns;
using SlimtaFast.Mail;
using SlimtaFast.MailAuth.Spf;

namespace SlimtaFast.MailAuth;

/// <summary>
/// Finds out whether a client may use a domain's name (SPF, RFC 7208). Whatever is published, an evaluation ends within its time, asks a
/// bounded number of questions and takes bounded memory. Thread-safe.
/// </summary>
public sealed class SpfEvaluator
{
    /// <summary>The meter of evaluators.</summary>
    public const string MeterName = "SlimtaFast.MailAuth";

    private readonly IDnsResolver _dns;
    private readonly SpfOptions _options;
    private readonly TimeProvider _time;
    private readonly PolicyCache _policies = new();
    private readonly ResultCache _results;
    private readonly MailAuthMetrics _metrics;

    /// <summary>Makes an evaluator.</summary>
    /// <param name="dns">Where to look up; it should cache.</param>
    /// <param name="options">Its bounds; null for the defaults.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="meters">Where answers are counted; null for a meter of the process.</param>
    public SpfEvaluator(IDnsResolver dns, SpfOptions? options = null, TimeProvider? time = null, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(dns);
        _dns = dns;
        _options = options ?? new SpfOptions();
        _time = time ?? TimeProvider.System;
        _results = new ResultCache(_options.MaxCachedResults, _time);
        _metrics = new MailAuthMetrics(meters);
    }

    /// <summary>Results that are remembered at present.</summary>
    internal int CachedResults => _results.Count;

    /// <summary>
    /// Answers a request. Nothing that is published makes it throw; <see cref="OperationCanceledException"/> where the caller gives up.
    /// </summary>
    /// <param name="request">Who, and whose name.</param>
    /// <param name="trace">Takes the steps of the evaluation, which is then made even where a result is remembered; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask<SpfFinding> CheckAsync(SpfRequest request, EvaluationTrace? trace = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        // RFC 7208 section 4.3: internationalized names are looked up as A-labels.
        string? domain = DomainNames.TryGetAscii(request.Domain, out string ascii) ? MacroExpansion.Normalize(ascii) : null;
        if (domain is null || ascii.Length > 254 || !SpfEvaluation.CanHavePolicy(domain))
            return ValueTask.FromResult(Count(NoPolicy(request, trace), wasRemembered: false));
        var client = ClientAddress.Of(request.Client);
        if (trace is null && _results.Find(request, client, domain) is { } known)
            return ValueTask.FromResult(Count(known, wasRemembered: true));
        return RunAsync(request, domain, client, trace, cancellationToken);
    }

    private async ValueTask<SpfFinding> RunAsync(SpfRequest request, string domain, ClientAddress client, EvaluationTrace? trace, CancellationToken cancellationToken)
    {
        string hello = DomainNames.TryGetAscii(request.HelloName, out string ascii) ? ascii : request.HelloName;
        var evaluation = new SpfEvaluation(request, domain, hello, _dns, _policies, _options, _time, trace, cancellationToken);
        trace?.Enter($"{(request.Identity == SpfIdentity.Hello ? "HELO" : "MAIL FROM")} {request.Sender}, client {request.Client}, HELO {request.HelloName}");
        SpfFinding finding = await evaluation.RunAsync().ConfigureAwait(false);
        trace?.Add($"result: {finding.Result.ToWord()}");
        trace?.Leave();
        _results.Add(finding, client, domain, evaluation.Uses);
        return Count(finding, wasRemembered: false);
    }

    private SpfFinding Count(SpfFinding finding, bool wasRemembered)
    {
        _metrics.SpfAnswered(finding, wasRemembered);
        return finding;
    }

    private static SpfFinding NoPolicy(SpfRequest request, EvaluationTrace? trace)
    {
        const string Problem = "it is not the name of a domain";
        trace?.Add($"{request.Domain}: {Problem}; result: {MailAuthResult.None.ToWord()}");
        return new SpfFinding { Request = request, Result = MailAuthResult.None, Domain = request.Domain, Problem = Problem, Until = DateTimeOffset.MaxValue };
    }
}
