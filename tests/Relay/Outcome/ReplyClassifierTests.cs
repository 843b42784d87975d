using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Relay.Outcome;

namespace SlimtaFast.Relay.Tests.Outcome;

public class ReplyClassifierTests
{
    [Theory]
    [InlineData(250, "2.0.0", SmtpClientStage.Final, OutcomeKind.Delivered)]
    [InlineData(421, "4.3.2", SmtpClientStage.Mail, OutcomeKind.Transient)]
    [InlineData(452, "4.5.3", SmtpClientStage.Recipient, OutcomeKind.Transient)]
    [InlineData(550, "5.1.1", SmtpClientStage.Recipient, OutcomeKind.Permanent)]
    [InlineData(552, "", SmtpClientStage.Recipient, OutcomeKind.Transient)]
    [InlineData(552, "5.5.3", SmtpClientStage.Recipient, OutcomeKind.Transient)]
    [InlineData(552, "5.2.2", SmtpClientStage.Recipient, OutcomeKind.Permanent)]
    [InlineData(552, "", SmtpClientStage.Final, OutcomeKind.Permanent)]
    [InlineData(556, "5.1.10", SmtpClientStage.Recipient, OutcomeKind.Permanent)]
    public void Classify_reply_at_its_stage(int code, string status, SmtpClientStage stage, OutcomeKind kind)
    {
        _ = EnhancedStatus.TryParse(status, out EnhancedStatus parsed, out _);
        Assert.Equal(kind, ReplyClassifier.Classify(new SmtpRecipientReply(new SmtpReply(code, parsed, "x"), stage)));
    }

    [Fact]
    public void Classify_no_reply_is_transient() => Assert.Equal(OutcomeKind.Transient, ReplyClassifier.Classify(default));

    [Property]
    public void Classify_any_4xx_is_transient_and_any_2xx_delivered(byte low, SmtpClientStage stage)
    {
        Assert.Equal(OutcomeKind.Transient, ReplyClassifier.Classify(new SmtpRecipientReply(new SmtpReply(400 + (low % 100), default(EnhancedStatus), ""), stage)));
        Assert.Equal(OutcomeKind.Delivered, ReplyClassifier.Classify(new SmtpRecipientReply(new SmtpReply(200 + (low % 100), default(EnhancedStatus), ""), stage)));
    }

    [Property]
    public void ForFailure_any_failure_is_a_transient_reply(SmtpClientFailure failure, SmtpClientStage stage, string? problem)
    {
        SmtpReply reply = ReplyClassifier.ForFailure(failure, stage, problem);
        Assert.True(reply.IsTransient);
        Assert.Equal(4, reply.Status.Class);
    }

    [Theory]
    [InlineData(421, "", "Bye", true)]
    [InlineData(421, "4.7.0", "[TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints", true)]
    [InlineData(452, "4.3.1", "Insufficient system storage", true)]
    [InlineData(450, "4.3.2", "System not accepting network messages", true)]
    [InlineData(451, "4.4.5", "Congestion", true)]
    [InlineData(451, "4.7.500", "Server busy. Please try again later from [192.0.2.1]. (S77719)", true)]
    [InlineData(450, "4.7.28", "Our system has detected an unusual rate of unsolicited mail", true)]
    [InlineData(450, "4.7.1", "Error: too much mail from 192.0.2.1", true)]
    [InlineData(450, "", "Throttled, come back in an hour", true)]
    [InlineData(451, "", "Rate Limit exceeded", true)]
    [InlineData(450, "4.7.1", "Greylisted, do not come back too fast", false)]
    [InlineData(450, "4.2.1", "The user you are trying to contact is receiving mail too quickly", false)]
    [InlineData(452, "4.2.2", "Mailbox full", false)]
    [InlineData(451, "4.3.0", "Try again later", false)]
    [InlineData(452, "4.5.3", "Too many recipients", false)]
    [InlineData(550, "5.7.1", "Too many messages, rate limit reached for good", false)]
    [InlineData(250, "2.0.0", "Ok, though slow down", false)]
    public void Server_that_asks_for_less_is_understood(int code, string status, string text, bool asks)
    {
        SmtpReply reply = status.Length == 0 ? new SmtpReply(code, default(EnhancedStatus), text) : new SmtpReply(code, status, text);
        Assert.Equal(asks, ReplyClassifier.AsksForLess(reply));
    }
}
