using Microsoft.Extensions.Logging;
using MimeKit;
using SlimtaFast.Mail;
using SlimtaFast.Relay;

namespace Application;

/// <summary>What the application does with its mail: a ticket for each message.</summary>
internal sealed partial class Tickets(ILogger<Tickets> log) : IRelay
{
    private int _count;

    /// <inheritdoc/>
    public string GetNextHop(string domain) => "tickets";

    /// <inheritdoc/>
    public async ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        await using Stream stream = envelope.OpenStream();
        using MimeMessage message = await MimeMessage.LoadAsync(stream, cancellationToken);
        int number = Interlocked.Increment(ref _count);
        LogOpened(log, number, message.Subject ?? "");
        return DeliveryReport.ForAll(attempt.Recipients.Count, new RecipientOutcome(OutcomeKind.Delivered, new SmtpReply(250, "2.0.0", $"Ticket {number}")));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [LoggerMessage(1, LogLevel.Information, "ticket {Number}: {Subject}")]
    private static partial void LogOpened(ILogger logger, int number, string subject);
}
