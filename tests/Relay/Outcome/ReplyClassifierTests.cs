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
}
