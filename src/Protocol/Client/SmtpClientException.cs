namespace SlimtaFast.Protocol.Client;

/// <summary>Ends a client session; caught by the session, which turns it into a result.</summary>
internal sealed class SmtpClientException : Exception
{
    /// <summary>Makes one.</summary>
    public SmtpClientException(SmtpClientFailure failure, string message, Exception? cause = null)
        : base(message, cause) => Failure = failure;

    /// <summary>What kind of trouble it is.</summary>
    public SmtpClientFailure Failure { get; }
}
