using System.Security.Cryptography;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Replies;
using SlimtaFast.Protocol.Sasl;

namespace SlimtaFast.Protocol.Session;

/// <summary>
/// One AUTH exchange (RFC 4954 section 4): brings the client's responses to the mechanism, the mechanism's questions to the handler, and
/// its challenges to the client. Not thread-safe.
/// </summary>
internal sealed class AuthExchange
{
    /// <summary>Octets of the longest line of an exchange, CRLF included (RFC 4954 section 4).</summary>
    public const int LongestLine = 12_288;

    private readonly ServerDialogue _dialogue;
    private readonly SaslServer _mechanism;
    private bool _awaitsClient;
    private Canned _usual;
    private AuthenticationOutcome _outcome;

    /// <summary>An exchange that has not begun.</summary>
    public AuthExchange(ServerDialogue dialogue, SaslServer mechanism)
    {
        _dialogue = dialogue;
        _mechanism = mechanism;
    }

    /// <summary>Begins without an initial response.</summary>
    public ValueTask<SmtpReply> BeginAsync() => GoOnAsync(_mechanism.Begin());

    /// <summary>Begins with an initial response in base64; a single <c>=</c> is an empty one.</summary>
    public ValueTask<SmtpReply> BeginAsync(ReadOnlySpan<byte> initialResponse)
    {
        if (initialResponse.SequenceEqual("="u8))
            return GoOnAsync(_mechanism.Begin([]));
        if (initialResponse.SequenceEqual("*"u8))
            return EndAsync(AuthenticationOutcome.Cancelled, Canned.AuthCancelled);
        if (initialResponse.IsEmpty || !StrictBase64.TryDecode(initialResponse, out byte[]? octets))
            return EndAsync(AuthenticationOutcome.Malformed, Canned.BadBase64);
        SaslStatus status = _mechanism.Begin(octets);
        CryptographicOperations.ZeroMemory(octets);
        return GoOnAsync(status);
    }

    /// <summary>Takes the client's answer to a challenge: base64, nothing, or <c>*</c> to give up.</summary>
    public ValueTask<SmtpReply> ContinueAsync(ReadOnlySpan<byte> line)
    {
        _awaitsClient = false;
        // Who gives up on the news that the token is bad has failed all the same.
        if (line.SequenceEqual("*"u8))
            return EndAsync(_mechanism.IsRefused ? AuthenticationOutcome.Rejected : AuthenticationOutcome.Cancelled, Canned.AuthCancelled);
        if (!StrictBase64.TryDecode(line, out byte[]? octets))
            return EndAsync(AuthenticationOutcome.Malformed, Canned.BadBase64);
        SaslStatus status = _mechanism.Take(octets);
        CryptographicOperations.ZeroMemory(octets);
        return GoOnAsync(status);
    }

    /// <summary>Ends because the client's line is none.</summary>
    public ValueTask<SmtpReply> BreakAsync(Canned reply)
    {
        _awaitsClient = false;
        return EndAsync(AuthenticationOutcome.Malformed, reply);
    }

    /// <summary>Sends the challenge, or acts on the end with the handler's reply where it gave one.</summary>
    public void Finish(in SmtpReply answer)
    {
        if (_awaitsClient)
        {
            _dialogue.Replies.WriteChallenge(StrictBase64.Encode(_mechanism.Challenge.Span));
            return;
        }

        _dialogue.EndExchange();
        if (_outcome == AuthenticationOutcome.Succeeded && (answer.IsNone || answer.IsPositive) && !answer.Closes)
            _dialogue.Session.SetIdentity(_mechanism.Identity);
        if (answer.IsNone && Counts(_outcome) && _dialogue.AuthFailures >= _dialogue.Options.Auth!.MaxFailures)
            _dialogue.Close(SessionEndReason.AuthenticationFailures, Canned.TooManyAuthFailures);
        else
            _dialogue.ReplyOr(in answer, _usual);
        // The handler has counted more failures than we, such as those of other sessions.
        if (answer.Closes && _outcome != AuthenticationOutcome.Succeeded)
            _dialogue.Leave(SessionEndReason.AuthenticationFailures);
    }

    private ValueTask<SmtpReply> GoOnAsync(SaslStatus status)
    {
        switch (status)
        {
            case SaslStatus.Challenge:
                _awaitsClient = true;
                return default;
            case SaslStatus.Ask:
                return AskAsync();
            case SaslStatus.Succeeded:
                return EndAsync(AuthenticationOutcome.Succeeded, Canned.AuthOk);
            case SaslStatus.Rejected:
                return EndAsync(AuthenticationOutcome.Rejected, Canned.BadCredentials);
            case SaslStatus.Downgraded:
                return EndAsync(AuthenticationOutcome.Downgraded, Canned.BadCredentials);
            case SaslStatus.Unavailable:
                return EndAsync(AuthenticationOutcome.Unavailable, Canned.AuthUnavailable);
            default:
                return EndAsync(AuthenticationOutcome.Malformed, Canned.BadAuthResponse);
        }
    }

    private async ValueTask<SmtpReply> AskAsync()
    {
        AuthenticationAnswer answer = await _dialogue.Handler.OnAuthenticateAsync(_dialogue.Session, _mechanism.Question!, CancellationToken.None);
        return await GoOnAsync(_mechanism.Resume(answer));
    }

    private ValueTask<SmtpReply> EndAsync(AuthenticationOutcome outcome, Canned usual)
    {
        _outcome = outcome;
        _usual = usual;
        if (Counts(outcome))
            _dialogue.AuthFailures++;
        string name = outcome == AuthenticationOutcome.Succeeded ? _mechanism.Identity : _mechanism.UserName;
        var result = new AuthenticationResult(outcome, _mechanism.Name, name, _dialogue.AuthFailures) { ClaimedName = _mechanism.UserName };
        return _dialogue.Handler.OnAuthenticationEndAsync(_dialogue.Session, result, CancellationToken.None);
    }

    private static bool Counts(AuthenticationOutcome outcome) => outcome is AuthenticationOutcome.Rejected or AuthenticationOutcome.Downgraded;
}
