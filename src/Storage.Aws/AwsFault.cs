using System.Net;
using Amazon.Runtime;

namespace SlimtaFast.Storage.Aws;

/// <summary>Whose fault a failed request is.</summary>
internal static class AwsFault
{
    private static readonly string[] FullCodes = ["QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "StorageFull", "NotEnoughSpace"];

    /// <summary>True for what the SDK and the network below it throw, other than the caller's own cancellation.</summary>
    public static bool IsKnown(Exception trouble, CancellationToken cancellationToken) =>
        trouble is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or TimeoutException
        || (trouble is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>Makes it a storage's exception.</summary>
    /// <param name="trouble">What was thrown.</param>
    /// <param name="what">The service, for an operator.</param>
    /// <param name="isChange">True where the request may have changed something.</param>
    public static StorageException Translate(Exception trouble, string what, bool isChange)
    {
        StorageFailure failure = isChange ? StorageFailure.DeadlinePassed : StorageFailure.Unavailable;
        if (trouble is AmazonServiceException { StatusCode: not 0 } answer)
        {
            if (answer.StatusCode == HttpStatusCode.InsufficientStorage || FullCodes.Contains(answer.ErrorCode))
                failure = StorageFailure.Full;

            // The SDK tries again by itself: one that is overloaded at the end may have done it before.
            else if ((int)answer.StatusCode is >= 400 and < 500 and not 429)
                failure = StorageFailure.Unavailable;
        }

        return new StorageException(failure, $"{what}: {trouble.Message}", trouble);
    }
}
