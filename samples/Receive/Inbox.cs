using MimeKit;
using SlimtaFast.Mail;
using SlimtaFast.Relay;

namespace Receive;

/// <summary>The end of the way of each message: code of the application instead of a next hop.</summary>
/// <param name="receive">Gets each message; an exception has it come again later.</param>
internal sealed class Inbox(Action<MimeMessage> receive) : IRelay
{
    /// <inheritdoc/>
    public string GetNextHop(string domain) => "inbox";

    /// <inheritdoc/>
    public async ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        await using Stream stream = envelope.OpenStream();
        using MimeMessage message = await MimeMessage.LoadAsync(stream, cancellationToken);
        receive(message);
        return DeliveryReport.ForAll(attempt.Recipients.Count, new RecipientOutcome(OutcomeKind.Delivered, new SmtpReply(250, "2.0.0", "Received")));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
