using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Outcome;

/// <summary>What becomes of an exception that nobody expected: a line in the log, and another attempt later.</summary>
internal static partial class RelayFault
{
    private static readonly SmtpReply Reply = new(450, "4.0.0", "The relay failed; the message is tried again");

    /// <summary>What becomes of recipients whose turn had not come, or not ended, when the attempt was broken off; others were served before.</summary>
    public static RecipientOutcome BrokenOff { get; } = new(OutcomeKind.Transient, new SmtpReply(451, "4.3.2", "The attempt was broken off; it is made again"));

    /// <summary>Logs the fault and makes it transient for all recipients.</summary>
    public static DeliveryReport Report(ILogger logger, Exception fault, Envelope envelope, int recipients)
    {
        Log(logger, fault, envelope);
        return DeliveryReport.ForAll(recipients, new RecipientOutcome(OutcomeKind.Transient, Reply));
    }

    /// <summary>Logs the fault, where the report has outcomes of its own.</summary>
    public static void Log(ILogger logger, Exception fault, Envelope envelope) => LogFault(logger, envelope.Id, fault);

    [LoggerMessage(EventId = 4001, Level = LogLevel.Error, Message = "The relay failed at message {Id}")]
    private static partial void LogFault(ILogger logger, QueueId id, Exception fault);
}
