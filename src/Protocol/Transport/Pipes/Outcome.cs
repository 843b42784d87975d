namespace SlimtaFast.Protocol.Transport.Pipes;

/// <summary>How an attempt to read or flush went.</summary>
internal enum Outcome : byte
{
    /// <summary>The socket is not ready, or the turn is over: wait.</summary>
    Pending,

    /// <summary>There is a result.</summary>
    Ready,

    /// <summary>CancelPendingRead or CancelPendingFlush was called.</summary>
    Canceled,

    /// <summary>The caller's token was cancelled.</summary>
    TokenCanceled,

    /// <summary>The connection has a <see cref="ConnectionFault"/>.</summary>
    Faulted,
}
