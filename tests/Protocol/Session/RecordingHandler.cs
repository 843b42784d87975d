using System.Buffers;
using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>Takes every message into memory and answers as told.</summary>
public class RecordingHandler : SmtpServerHandler
{
    public List<string> Messages { get; } = [];

    public List<MailTransaction> Transactions { get; } = [];

    public List<ContentTraits> Traits { get; } = [];

    public List<ClientFacts> Clients { get; } = [];

    public List<SessionEndReason> Ends { get; } = [];

    public List<RefusalReason> Refusals { get; } = [];

    public List<RefusalReason> ContentRefusals { get; } = [];

    public int Resets { get; private set; }

    public bool IsExempt { get; init; }

    public bool DropAtRecipient { get; init; }

    public bool DropAtTls { get; init; }

    public Func<string, SmtpReply>? OnRecipient { get; init; }

    public Func<SmtpReply>? OnConnect { get; init; }

    public Func<SmtpReply>? OnMail { get; init; }

    public Func<SmtpReply>? OnData { get; init; }

    public Func<ValueTask<SmtpReply>>? OnMessage { get; init; }

    public Func<ContentWriter>? Writer { get; init; }

    public override ValueTask<SmtpReply> OnConnectAsync(SmtpServerSession session, CancellationToken cancellationToken)
    {
        session.IsExempt |= IsExempt;
        return new ValueTask<SmtpReply>(OnConnect?.Invoke() ?? default);
    }

    public override ValueTask<SmtpReply> OnTlsAsync(SmtpServerSession session, CancellationToken cancellationToken)
    {
        if (DropAtTls)
            session.Drop();
        return default;
    }

    public override ValueTask<SmtpReply> OnMailAsync(SmtpServerSession session, MailTransaction transaction, CancellationToken cancellationToken) =>
        new(OnMail?.Invoke() ?? default);

    public override ValueTask<SmtpReply> OnRecipientAsync(SmtpServerSession session, MailTransaction transaction, Recipient recipient, CancellationToken cancellationToken)
    {
        if (DropAtRecipient)
            session.Drop();
        return new ValueTask<SmtpReply>(OnRecipient?.Invoke(recipient.Address.Address) ?? default);
    }

    public override ValueTask<SmtpReply> OnDataAsync(SmtpServerSession session, MailTransaction transaction, CancellationToken cancellationToken) =>
        new(OnData?.Invoke() ?? default);

    public override ContentWriter BeginContent(SmtpServerSession session, MailTransaction transaction) =>
        Writer?.Invoke() ?? new PooledContentWriter(new QueueId(1), int.MaxValue, null, _ => throw new InvalidOperationException());

    public override ValueTask<SmtpReply> OnMessageAsync(SmtpServerSession session, MailTransaction transaction, MessageContent content, CancellationToken cancellationToken)
    {
        Assert.True(content.TryGetMemory(out ReadOnlySequence<byte> bytes));
        Messages.Add(Encoding.Latin1.GetString(bytes.ToArray()));
        Transactions.Add(transaction);
        Traits.Add(content.Traits);
        Clients.Add(session.Client);
        content.Release();
        return OnMessage?.Invoke() ?? default;
    }

    public override void OnCommandRefused(SmtpServerSession session, RefusalReason reason, ReadOnlySpan<byte> reply) => Refusals.Add(reason);

    public override void OnContentRefused(SmtpServerSession session, MailTransaction transaction, RefusalReason reason, ReadOnlySpan<byte> reply) =>
        ContentRefusals.Add(reason);

    public override void OnReset(SmtpServerSession session) => Resets++;

    public override void OnDisconnect(SmtpServerSession session, SessionEndReason reason) => Ends.Add(reason);
}
