using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Http;

/// <summary>No connection came about; nothing of a message was sent. <see cref="Reply"/> says why.</summary>
internal sealed class HopUnreachableException : IOException
{
    /// <summary>Makes the exception.</summary>
    public HopUnreachableException(SmtpReply reply, HopCondition condition, Exception? cause)
        : base(reply.ToString(), cause)
    {
        Reply = reply;
        Condition = condition;
    }

    /// <summary>What the sender is told.</summary>
    public SmtpReply Reply { get; }

    /// <summary>What it showed of the hop.</summary>
    public HopCondition Condition { get; }
}
