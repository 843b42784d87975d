namespace SlimtaFast.Protocol;

/// <summary>
/// How a transaction ended. The replies are the session's own and valid until its next transaction.
/// </summary>
public readonly struct SmtpTransactionResult
{
    private readonly SmtpRecipientReply[] _replies;
    private readonly int _count;

    internal SmtpTransactionResult(SmtpRecipientReply[] replies, int count, SmtpClientFailure failure, SmtpClientStage stage, bool possiblyDelivered)
    {
        _replies = replies;
        _count = count;
        Failure = failure;
        FailedAt = stage;
        PossiblyDelivered = possiblyDelivered;
    }

    /// <summary>One for each recipient, in their order.</summary>
    public ReadOnlySpan<SmtpRecipientReply> Replies => _replies.AsSpan(0, _count);

    /// <summary>Why the session broke, or <see cref="SmtpClientFailure.None"/>.</summary>
    public SmtpClientFailure Failure { get; }

    /// <summary>Where the session broke, where it did.</summary>
    public SmtpClientStage FailedAt { get; }

    /// <summary>True where the session broke when the whole content had left, but before its answer: the server may have the message.</summary>
    public bool PossiblyDelivered { get; }
}
