using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Load.Transports;

/// <summary>Accepts everything and keeps nothing.</summary>
internal sealed class DiscardingHandler(QueueIdGenerator ids) : SmtpServerHandler
{
    public override ContentWriter BeginContent(SmtpServerSession session, MailTransaction transaction) => new DiscardingContentWriter(ids.Next());

    public override ValueTask<SmtpReply> OnMessageAsync(SmtpServerSession session, MailTransaction transaction, MessageContent content, CancellationToken cancellationToken)
    {
        content.Release();
        return default;
    }
}
