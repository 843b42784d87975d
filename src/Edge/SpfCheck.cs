using System.Collections.Frozen;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Edge.Diagnostics;
using SlimtaFast.Edge.Limits;
using SlimtaFast.Edge.Spf;
using SlimtaFast.Mail;
using SlimtaFast.MailAuth;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge;

/// <summary>
/// Looks up whether a client may use its sender's domain (SPF, RFC 7208), does what is configured for the result, and writes it in front of the
/// message. Clients that may relay or are exempt are not checked. Forged fields from outside are removed by
/// <see cref="AuthenticationResultsPolicies"/>, which also put the fields of this check where they belong.
/// </summary>
public sealed class SpfCheck : SessionHook
{
    private static readonly SmtpReply ComeBack = new(451, "4.7.1", "Greylisted, try again later");

    private readonly SpfEvaluator _evaluator;
    private readonly SpfCheckOptions _options;
    private readonly ILogger _log;
    private readonly NetworkList _allowedNetworks;
    private readonly SenderNames _allowedSenders;
    private readonly FrozenDictionary<MailAuthResult, SpfAction> _actions;
    private readonly Greylist? _greylist;

    /// <summary>Makes the check.</summary>
    /// <param name="evaluator">Finds out.</param>
    /// <param name="options">What is done then.</param>
    /// <param name="time">The clock of greylisting; null for the system's.</param>
    /// <param name="log">Takes results at level Debug and whole evaluations at level Trace, for which results are not taken from the cache; null for nowhere.</param>
    public SpfCheck(SpfEvaluator evaluator, SpfCheckOptions options, TimeProvider? time = null, ILogger<SpfCheck>? log = null)
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(options);
        _evaluator = evaluator;
        _options = options;
        _log = log ?? NullLogger<SpfCheck>.Instance;
        _allowedNetworks = new NetworkList(options.AllowNetworks);
        _allowedSenders = new SenderNames(options.AllowSenders);
        _actions = options.Actions.ToFrozenDictionary();
        if (_actions.Values.Any(static action => action.Kind == SpfActionKind.Greylist))
            _greylist = new Greylist(options.GreylistDelay, options.GreylistWindow, options.GreylistLife, options.MaxGreylisted, time ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnMailAsync(HookSession session, MailTransaction transaction, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(transaction);
        session.Set<SpfTransaction>(null);
        if (session.Address is not { } address || session.MayRelay || session.IsExempt || _allowedNetworks.Contains(address) || _allowedSenders.Contains(transaction.ReversePath))
            return default;
        Task<SpfJudgement> judging = JudgeAsync(session.Id, address, session.HelloName, transaction.ReversePath, cancellationToken);
        session.Set(new SpfTransaction(judging));
        return _options.Stage == SpfStage.Mail ? ActAsync(session, transaction, judging) : default;
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnRecipientAsync(HookSession session, MailTransaction transaction, Recipient recipient, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(recipient);
        return _options.Stage == SpfStage.Recipient
            && session.Get<SpfTransaction>() is { } held
            && !recipient.Address.LocalPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase)
            ? ActAsync(session, transaction, held.Judging)
            : default;
    }

    /// <inheritdoc/>
    public override async ValueTask<SmtpReply> OnMessageAsync(HookSession session, HookMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(message);
        if (session.Get<SpfTransaction>() is not { } done)
            return default;
        session.Set<SpfTransaction>(null);
        string fields = Write(await done.Judging);
        if (fields.Length > 0)
            message.Envelope = message.Envelope with { AddedHeaders = (byte[])[.. Encoding.ASCII.GetBytes(fields), .. message.Envelope.AddedHeaders.Span] };
        return default;
    }

    /// <inheritdoc/>
    public override void OnReset(HookSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        session.Set<SpfTransaction>(null);
    }

    private async Task<SpfJudgement> JudgeAsync(SessionId session, IPAddress client, string hello, Mailbox sender, CancellationToken cancellationToken)
    {
        // Where there is no sender the hello stands for it (RFC 7208 section 2.4), so it is looked at once.
        SpfFinding? helloFinding = _options.ChecksHello && !sender.IsNull
            ? await EvaluateAsync(session, SpfRequest.ForHello(client, hello), cancellationToken)
            : null;
        // RFC 7208 section 2.3: what the hello decides need not be asked again.
        return helloFinding is { Result: MailAuthResult.Fail }
            ? new SpfJudgement(helloFinding, null)
            : new SpfJudgement(helloFinding, await EvaluateAsync(session, SpfRequest.ForMailFrom(client, sender.Address, hello), cancellationToken));
    }

    private async ValueTask<SpfFinding> EvaluateAsync(SessionId session, SpfRequest request, CancellationToken cancellationToken)
    {
        EvaluationTrace? trace = _log.IsEnabled(LogLevel.Trace) ? new EvaluationTrace() : null;
        SpfFinding finding = await _evaluator.CheckAsync(request, trace, cancellationToken);
        if (trace is not null)
            SpfLog.Evaluated(_log, session, new EvaluationText(trace));
        if (_log.IsEnabled(LogLevel.Debug))
            SpfLog.Found(_log, session, request.Client, request.HelloName, request.Sender, finding.Result.ToWord(), finding.Reason);
        return finding;
    }

    private ValueTask<SmtpReply> ActAsync(HookSession session, MailTransaction transaction, Task<SpfJudgement> judging) =>
        judging.IsCompletedSuccessfully ? ValueTask.FromResult(Act(session, transaction, judging.Result)) : AwaitAsync(session, transaction, judging);

    private async ValueTask<SmtpReply> AwaitAsync(HookSession session, MailTransaction transaction, Task<SpfJudgement> judging) =>
        Act(session, transaction, await judging);

    private SmtpReply Act(HookSession session, MailTransaction transaction, SpfJudgement judgement)
    {
        SpfFinding finding = judgement.Decisive;
        SpfAction action = _actions.GetValueOrDefault(finding.Result, SpfAction.Accept);
        SmtpReply reply = action.Kind switch
        {
            SpfActionKind.Reply => action.ToReply(finding),
            SpfActionKind.Greylist when !_greylist!.IsWelcome(session.Address, transaction.ReversePath) => ComeBack,
            _ => default,
        };
        return reply.IsNone || reply.IsPositive ? reply : session.Refuse(action.Kind == SpfActionKind.Greylist ? RefusalReason.Greylisted : RefusalReason.Spf, reply);
    }

    private string Write(SpfJudgement judgement)
    {
        var fields = new StringBuilder();
        if (_options.AddsAuthenticationResults)
            fields.Append(AuthenticationResults.Write(_options.ServerId, [.. judgement.All.Select(static finding => finding.ToMethodFinding())]));
        if (_options.AddsReceivedSpf)
            fields.AppendJoin("", judgement.All.Reverse().Select(finding => ReceivedSpf.Write(_options.ServerId, finding)));
        fields.Append(_actions.GetValueOrDefault(judgement.Decisive.Result, SpfAction.Accept).ToField(judgement.Decisive));
        return fields.ToString();
    }
}
