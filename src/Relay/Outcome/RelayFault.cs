using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Outcome;

/// <summary>What becomes of an exception that nobody expected: a line in the log, and another attempt later.</summary>
internal static partial class RelayFault
{
    private static readonly SmtpReply Reply = new(450, "4.0.0", "The relay failed; the message is tried again");

    /// <summary>Logs the fault and makes it transient for all recipients.</summary>
    public static DeliveryReport Report(ILogger logger, Exception fault, Envelope envelope, int recipients)
    {
        LogFault(logger, envelope.Id, fault);
        return DeliveryReport.ForAll(recipients, new RecipientOutcome(OutcomeKind.Transient, Reply));
    }

    [LoggerMessage(EventId = 4001, Level = LogLevel.Error, Message = "The relay failed at message {Id}")]
    private static partial void LogFault(ILogger logger, QueueId id, Exception fault);
}
