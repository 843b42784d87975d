using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge.Tests.Hooks;

/// <summary>Notes what it is asked, and answers what a test tells it to for a question: connect, hello, mail, rcpt, data, message, queued.</summary>
internal sealed class ScriptedHook : SessionHook
{
    private readonly List<string> _calls = [];

    public Dictionary<string, Func<HookSession, ValueTask<SmtpReply>>> Answers { get; } = [];

    public Action<HookMessage>? Change { get; init; }

    public TaskCompletionSource<SessionEndReason> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_calls)
                return [.. _calls];
        }
    }

    public static ScriptedHook Answering(string question, SmtpReply reply) => new() { Answers = { [question] = _ => ValueTask.FromResult(reply) } };

    public override ValueTask<SmtpReply> OnConnectAsync(HookSession session, CancellationToken cancellationToken) => Answer("connect", session);

    public override ValueTask<SmtpReply> OnHelloAsync(HookSession session, CancellationToken cancellationToken) => Answer("hello", session, session.HelloName);

    public override ValueTask<SmtpReply> OnMailAsync(HookSession session, MailTransaction transaction, CancellationToken cancellationToken) =>
        Answer("mail", session, transaction.ReversePath.Address);

    public override ValueTask<SmtpReply> OnRecipientAsync(HookSession session, MailTransaction transaction, Recipient recipient, CancellationToken cancellationToken) =>
        Answer("rcpt", session, recipient.Address.Address);

    public override ValueTask<SmtpReply> OnDataAsync(HookSession session, MailTransaction transaction, CancellationToken cancellationToken) => Answer("data", session);

    public override ValueTask<SmtpReply> OnMessageAsync(HookSession session, HookMessage message, CancellationToken cancellationToken)
    {
        Change?.Invoke(message);
        return Answer("message", session, message.Envelope.Content.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    public override ValueTask<SmtpReply> OnQueuedAsync(HookSession session, Envelope envelope, EnqueueResult result, CancellationToken cancellationToken) =>
        Answer("queued", session, result.Reply.ToString());

    public override void OnReset(HookSession session) => Note("reset");

    public override void OnDisconnect(HookSession session, SessionEndReason reason)
    {
        Note("disconnect");
        Ended.TrySetResult(reason);
    }

    private ValueTask<SmtpReply> Answer(string question, HookSession session, string detail = "")
    {
        Note(detail.Length > 0 ? $"{question} {detail}" : question);
        return Answers.TryGetValue(question, out Func<HookSession, ValueTask<SmtpReply>>? answer) ? answer(session) : default;
    }

    private void Note(string call)
    {
        lock (_calls)
            _calls.Add(call);
    }
}
