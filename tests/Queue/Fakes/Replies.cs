using SlimtaFast.Mail;
using SlimtaFast.Relay;

namespace SlimtaFast.Queue.Tests.Fakes;

/// <summary>What next hops say.</summary>
internal static class Replies
{
    public static RecipientOutcome Ok { get; } = new(OutcomeKind.Delivered, new SmtpReply(250, "2.1.5", "Ok"), "mx.example.net");

    public static RecipientOutcome Later { get; } = new(OutcomeKind.Transient, new SmtpReply(450, "4.2.1", "Mailbox busy"), "mx.example.net");

    public static RecipientOutcome Never { get; } = new(OutcomeKind.Permanent, new SmtpReply(550, "5.1.1", "No such user"), "mx.example.net");

    public static RecipientOutcome Unreachable { get; } = new(OutcomeKind.Transient, new SmtpReply(451, "4.4.1", "Connection refused"));

    public static DeliveryReport Delivered(DeliveryAttempt attempt) => All(attempt, Ok);

    public static DeliveryReport Down(DeliveryAttempt attempt) => All(attempt, Unreachable, HopCondition.Down);

    public static DeliveryReport All(DeliveryAttempt attempt, RecipientOutcome outcome, HopCondition hop = HopCondition.Up) =>
        DeliveryReport.ForAll(attempt.Recipients.Count, outcome, hop);

    /// <summary>Outcomes by local part: <c>ok</c>, <c>later</c> or <c>never</c> at its start; delivered otherwise.</summary>
    public static DeliveryReport ByName(DeliveryAttempt attempt) => new([.. attempt.Recipients.Select(recipient => recipient.Address.LocalPart switch
    {
        var name when name.StartsWith("later") => Later,
        var name when name.StartsWith("never") => Never,
        _ => Ok,
    })]);
}
