using SlimtaFast.Mail;

namespace SlimtaFast.Edge.Hooks;

/// <summary>
/// Asks hooks one after the other, until one refuses or drops. Nothing is allocated where all answer at once. Immutable; thread-safe
/// as far as the hooks are.
/// </summary>
internal sealed class HookChain(IReadOnlyList<SessionHook> hooks)
{
    private readonly SessionHook[] _hooks = [.. hooks];

    /// <summary>One question to one hook.</summary>
    public delegate ValueTask<SmtpReply> Question<in T>(SessionHook hook, HookSession session, T about, CancellationToken cancellationToken);

    /// <summary>True where there is nobody to ask.</summary>
    public bool IsEmpty => _hooks.Length == 0;

    /// <summary>The hooks, in order.</summary>
    public ReadOnlySpan<SessionHook> All => _hooks;

    /// <summary>Asks all hooks: the refusal of one, or the last positive reply that was given, or none.</summary>
    /// <param name="session">The session.</param>
    /// <param name="about">What the question is about.</param>
    /// <param name="ask">The question; a static function, so that it costs nothing.</param>
    /// <param name="cancellationToken">Handed on.</param>
    public ValueTask<SmtpReply> AskAsync<T>(HookSession session, T about, Question<T> ask, CancellationToken cancellationToken)
    {
        session.ForgetReason();
        SmtpReply last = default;
        for (int i = 0; i < _hooks.Length; i++)
        {
            ValueTask<SmtpReply> answer = ask(_hooks[i], session, about, cancellationToken);
            if (!answer.IsCompletedSuccessfully)
                return AskRestAsync(i, answer, last, session, about, ask, cancellationToken);
            if (IsFinal(answer.Result, session, ref last))
                break;
        }

        return ValueTask.FromResult(last);
    }

    /// <summary>True where a reply refuses what was asked about, or ends the session.</summary>
    public static bool IsRefusal(in SmtpReply reply) => reply.Code >= 400 || reply.Closes;

    private static bool IsFinal(in SmtpReply reply, HookSession session, ref SmtpReply last)
    {
        if (!reply.IsNone)
            last = reply;
        return session.IsDropped || IsRefusal(in reply);
    }

    private async ValueTask<SmtpReply> AskRestAsync<T>(
        int index, ValueTask<SmtpReply> pending, SmtpReply last, HookSession session, T about, Question<T> ask, CancellationToken cancellationToken)
    {
        while (!IsFinal(await pending, session, ref last) && ++index < _hooks.Length)
            pending = ask(_hooks[index], session, about, cancellationToken);
        return last;
    }
}
