using System.Net.Sockets;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.RabbitMq.Connections;

/// <summary>Says whose fault it is when an operation of the broker fails.</summary>
internal static class BrokerFault
{
    /// <summary>True for what <see cref="Translate"/> knows.</summary>
    public static bool IsKnown(Exception exception) =>
        exception is RabbitMQClientException or StorageException or TimeoutException or IOException or SocketException or ObjectDisposedException or OperationCanceledException;

    /// <summary>The failure behind a client's or broker's exception.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="isSent">True where the broker may have done what it was asked, although its answer is missing.</param>
    public static StorageException Translate(Exception exception, bool isSent) => exception switch
    {
        StorageException known => known,
        PublishReturnException returned => new StorageException(StorageFailure.Unavailable, $"The broker has no queue for the message: {returned.ReplyText} {returned.Exchange} {returned.RoutingKey}", returned),
        PublishException { IsReturn: false } refused => new StorageException(StorageFailure.Unavailable, "The broker refused the message (basic.nack): a queue has no majority of its members, or is full.", refused),
        TimeoutException or OperationCanceledException => new StorageException(isSent ? StorageFailure.DeadlinePassed : StorageFailure.Unavailable, "The broker did not answer in time.", exception),
        _ when isSent => new StorageException(StorageFailure.DeadlinePassed, $"The connection to the broker was lost before its answer: {Innermost(exception)}", exception),
        _ => new StorageException(StorageFailure.Unavailable, $"The broker cannot be used: {Innermost(exception)}", exception),
    };

    /// <summary>True where nobody listens at the broker's place.</summary>
    public static bool IsAbsent(Exception exception) => exception switch
    {
        SocketException socket => socket.SocketErrorCode == SocketError.ConnectionRefused,
        AggregateException several => several.InnerExceptions.All(IsAbsent),
        _ => exception.InnerException is { } inner && IsAbsent(inner),
    };

    /// <summary>True where the broker says that it has no such queue or exchange.</summary>
    public static bool IsMissing(Exception exception) => exception is PublishReturnException || IsMissing((exception as OperationInterruptedException)?.ShutdownReason);

    /// <summary>True where a channel was closed because the broker has no such queue or exchange.</summary>
    public static bool IsMissing(ShutdownEventArgs? reason) => reason?.ReplyCode == Constants.NotFound;

    /// <summary>What is behind the client's nested exceptions.</summary>
    public static string Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
            exception = exception is AggregateException { InnerExceptions: [var first, ..] } ? first : inner;
        return exception.Message;
    }
}
