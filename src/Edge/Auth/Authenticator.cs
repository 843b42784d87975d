using System.Net;
using System.Security.Cryptography;
using SlimtaFast.Edge.Diagnostics;
using SlimtaFast.Edge.Sessions;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Auth;

/// <summary>
/// Answers the mechanisms' questions out of store and validator, and slows down and shuts out who guesses. One object for all sessions
/// of an edge. Thread-safe.
/// </summary>
internal sealed class Authenticator : IDisposable
{
    private const int LongestName = 100;

    private readonly EdgeAuthOptions _options;
    private readonly ICredentialStore? _store;
    private readonly PasswordHashing _hashing;
    private readonly AttemptRecord _failures;
    private readonly AttemptRecord _accountFailures;
    private readonly AttemptRecord _logins;
    private readonly TimeProvider _time;
    private readonly EdgeLog _log;
    private readonly EdgeMetrics _metrics;
    private readonly byte[] _unknownUserKey;

    /// <summary>Makes an authenticator.</summary>
    /// <param name="options">Whom it knows and what it bears.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told how attempts end.</param>
    /// <param name="metrics">Counts them.</param>
    /// <param name="earlier">The one whose place it takes while the server runs, so that nobody's failures are forgotten; null for none.</param>
    public Authenticator(EdgeAuthOptions options, TimeProvider time, EdgeLog log, EdgeMetrics metrics, Authenticator? earlier = null)
    {
        _options = options;
        _store = options.Store;
        _time = time;
        _log = log;
        _metrics = metrics;
        if (options.Mechanisms?.FirstOrDefault(static name => !SaslMechanisms.All.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            throw new ArgumentException($"There is no mechanism {unknown}.", nameof(options));
        _hashing = new PasswordHashing(options.MaxHashing, options.SuccessMemory, time);
        _unknownUserKey = earlier?._unknownUserKey ?? RandomNumberGenerator.GetBytes(32);
        _failures = new AttemptRecord(options.FailureMemory, time, earlier: earlier?._failures);
        // Since the first failure: a device with an old password that asks now and then never adds up to the limit.
        _accountFailures = new AttemptRecord(options.FailureMemory, time, isRenewed: false, earlier?._accountFailures);
        _logins = new AttemptRecord(options.LoginMemory, time, earlier: earlier?._logins);
        Session = new SmtpAuthOptions
        {
            Mechanisms = [.. (options.Mechanisms ?? [.. SaslMechanisms.All.Where(m => m != SaslMechanisms.CramMd5)]).Where(CanServe)],
            AllowPlaintext = options.AllowPlaintext,
            Required = options.Required,
            MaxFailures = options.MaxFailures,
            OAuthScope = options.OAuthScope,
            UnknownUserKey = _unknownUserKey,
        };
    }

    /// <summary>What the sessions may offer.</summary>
    public SmtpAuthOptions Session { get; }

    /// <summary>Answers a mechanism.</summary>
    public async ValueTask<AuthenticationAnswer> AnswerAsync(SessionId session, IPAddress? client, AuthenticationRequest request, CancellationToken cancellationToken)
    {
        // An address that is shut out gets no answer that could tell it anything; the end of the exchange says 421.
        if (IsShutOut(client))
            return AuthenticationAnswer.Unavailable;
        // Nor does an account that is shut out: the store is not asked, so that not even its time tells whether the guess was right.
        if (IsAccountShutOut(request.Mechanism, request.UserName, client))
            return AuthenticationAnswer.Unavailable;
        try
        {
            return request.Kind switch
            {
                AuthenticationRequestKind.Password => await CheckPasswordAsync(request, cancellationToken),
                AuthenticationRequestKind.Token => await CheckTokenAsync(session, client, request, cancellationToken),
                AuthenticationRequestKind.Verifier => await FindAsync(request, cancellationToken) is { Verifier: { } verifier } user
                    ? AuthenticationAnswer.Verifier(verifier, user.UserName)
                    : AuthenticationAnswer.Rejected,
                _ => await FindAsync(request, cancellationToken) is { Secret: { } secret } user
                    ? AuthenticationAnswer.Secret(secret, user.UserName)
                    : AuthenticationAnswer.Rejected,
            };
        }
#pragma warning disable CA1031 // Whatever an embedder's store throws: the client hears of a temporary failure, the operator of all of it.
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            _log.AuthenticationUnavailable(session, client, request.Mechanism, failure);
            return AuthenticationAnswer.Unavailable;
        }
    }

    /// <summary>Logs and counts the end of an exchange; a failure waits here for its answer, the longer the more there were.</summary>
    /// <param name="session">In which session.</param>
    /// <param name="client">Who it was.</param>
    /// <param name="result">How it ended.</param>
    /// <param name="cancellationToken">Cuts the waiting short.</param>
    public async ValueTask<SmtpReply> EndAsync(SessionId session, IPAddress? client, AuthenticationResult result, CancellationToken cancellationToken)
    {
        bool isShutOut = result.Outcome != AuthenticationOutcome.Succeeded && IsShutOut(client);
        bool isAccountShutOut = !isShutOut && result.Outcome == AuthenticationOutcome.Unavailable && IsAccountShutOut(result.Mechanism, result.ClaimedName, client);
        if (isShutOut || isAccountShutOut)
            result = result with { Outcome = isShutOut ? AuthenticationOutcome.ShutOut : AuthenticationOutcome.AccountShutOut };
        _metrics.Authenticated(result);
        if (isShutOut)
        {
            _log.AuthenticationShutOut(session, client, result.Mechanism);
            return EdgeReplies.TooManyFailures;
        }

        switch (result.Outcome)
        {
            case AuthenticationOutcome.Succeeded:
                _log.Authenticated(session, client, result.UserName, result.Mechanism);
                if (GuessesPassword(result.Mechanism, result.ClaimedName))
                    _logins.Add(result.ClaimedName, client);
                return default;
            case AuthenticationOutcome.Rejected or AuthenticationOutcome.Downgraded:
                _log.AuthenticationFailed(session, client, Shorten(result.UserName), result.Mechanism, result.Outcome);
                if (GuessesPassword(result.Mechanism, result.UserName))
                    _accountFailures.Add(result.UserName);
                await DelayAsync(Math.Max(_failures.Add(client), result.Failures), cancellationToken);
                return default;
            case AuthenticationOutcome.AccountShutOut:
                _log.AccountShutOut(session, client, Shorten(result.UserName), result.Mechanism);
                // It does not count against the address: it may be the owner, whose other accounts are none the worse for it.
                await DelayAsync(_accountFailures.Count(result.UserName), cancellationToken);
                return EdgeReplies.TooManyFailuresOfAccount;
            default:
                return default;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _hashing.Dispose();

    private bool IsShutOut(IPAddress? client) => _options.MaxFailuresPerAddress > 0 && _failures.Count(client) >= _options.MaxFailuresPerAddress;

    // Whoever guesses from many addresses does not have the one from which the owner comes every day.
    private bool IsAccountShutOut(string mechanism, string userName, IPAddress? client) =>
        _options.MaxFailuresPerAccount > 0
        && GuessesPassword(mechanism, userName)
        && _accountFailures.Count(userName) >= _options.MaxFailuresPerAccount
        && _logins.Count(userName, client) == 0;

    // Tokens cannot be guessed; were bad ones counted, anybody's expired one would shut the account out, and the owner's good one with it.
    private static bool GuessesPassword(string mechanism, string userName) =>
        userName.Length > 0 && mechanism is not (SaslMechanisms.OAuthBearer or SaslMechanisms.XOAuth2);

    private async ValueTask DelayAsync(int failures, CancellationToken cancellationToken)
    {
        double factor = Math.Pow(2, Math.Min(failures - 1, 30));
        TimeSpan delay = TimeSpan.FromTicks((long)Math.Min(_options.FailureDelay.Ticks * factor, _options.MaxFailureDelay.Ticks));
        if (delay <= TimeSpan.Zero)
            return;
        try
        {
            await Task.Delay(delay, _time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The server stops, and does not wait for those who guess.
        }
    }

    private async ValueTask<AuthenticationAnswer> CheckPasswordAsync(AuthenticationRequest request, CancellationToken cancellationToken)
    {
        if ((_store!.Abilities & CredentialAbilities.CheckPassword) != 0)
        {
            string? name = await _store.CheckPasswordAsync(request.UserName, request.Secret, cancellationToken);
            return name is null ? AuthenticationAnswer.Rejected : AuthenticationAnswer.Accept(name);
        }

        Credential? user = await FindAsync(request, cancellationToken);
        if (user?.Secret is { } secret)
        {
            return AreEqual(secret, request.Secret) ? AuthenticationAnswer.Accept(user.UserName) : AuthenticationAnswer.Rejected;
        }

        // Where verifiers are kept, somebody unknown costs as much hashing as everybody else.
        ScramVerifier? verifier = user?.Verifier
            ?? ((_store.Abilities & CredentialAbilities.Verifiers) != 0 ? ScramVerifier.ForUnknown(_unknownUserKey, request.UserName) : null);
        bool isRight = verifier is not null && await _hashing.CheckAsync(verifier, request.Secret, cancellationToken);
        return isRight && user is not null ? AuthenticationAnswer.Accept(user.UserName) : AuthenticationAnswer.Rejected;
    }

    private async ValueTask<AuthenticationAnswer> CheckTokenAsync(SessionId session, IPAddress? client, AuthenticationRequest request, CancellationToken cancellationToken)
    {
        TokenVerdict verdict = await _options.Tokens!.ValidateAsync(request.Secret, cancellationToken);
        string? reason = verdict.Reason;
        if (verdict.Identity is not null && request.UserName.Length > 0 && !verdict.Identity.Equals(request.UserName, StringComparison.OrdinalIgnoreCase))
            reason = "it is somebody else's";
        if (reason is null)
            return AuthenticationAnswer.Accept(verdict.Identity!);
        _log.TokenRefused(session, client, Shorten(request.UserName), reason);
        return AuthenticationAnswer.Rejected;
    }

    // A store may give verifiers to some users and secrets to others.
    private async ValueTask<Credential?> FindAsync(AuthenticationRequest request, CancellationToken cancellationToken)
    {
        Credential? user = await _store!.FindAsync(request.UserName, cancellationToken);
        if (request.Kind != AuthenticationRequestKind.Verifier || user?.Verifier is not null || !Has(CredentialAbilities.Secrets))
            return user;
        // The salt follows from the name, so that it is the same each time. Somebody unknown costs as much, and has a secret that nobody
        // knows.
        byte[] salt = ScramVerifier.ForUnknown(_unknownUserKey, request.UserName).Salt.ToArray();
        string secret = user?.Secret ?? Convert.ToHexString(_unknownUserKey);
        ScramVerifier verifier = await _hashing.RunAsync(() => ScramVerifier.Create(secret, salt, ScramVerifier.DefaultIterations), cancellationToken);
        return Credential.FromVerifier(user?.UserName ?? request.UserName, verifier);
    }

    private bool CanServe(string mechanism) => mechanism.ToUpperInvariant() switch
    {
        SaslMechanisms.OAuthBearer or SaslMechanisms.XOAuth2 => _options.Tokens is not null,
        SaslMechanisms.CramMd5 => Has(CredentialAbilities.Secrets),
        SaslMechanisms.ScramSha256 or SaslMechanisms.ScramSha256Plus => Has(CredentialAbilities.Verifiers) || Has(CredentialAbilities.Secrets),
        _ => _store is not null && _store.Abilities != CredentialAbilities.None,
    };

    private bool Has(CredentialAbilities ability) => _store is not null && (_store.Abilities & ability) != 0;

    // A name that a stranger sends may have thousands of characters.
    private static string Shorten(string name) => name.Length <= LongestName ? name : name[..LongestName] + "...";

    // Over hashes, which have one length whatever the texts have.
    private static bool AreEqual(string one, string other)
    {
        byte[] first = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(one));
        byte[] second = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(other));
        return CryptographicOperations.FixedTimeEquals(first, second);
    }
}
