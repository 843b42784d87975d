namespace SlimtaFast.Storage;

/// <summary>A storage could not do what it was asked; <see cref="Failure"/> says whose fault it is.</summary>
public sealed class StorageException : Exception
{
    /// <summary>Makes the exception.</summary>
    public StorageException(StorageFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>Whose fault it is.</summary>
    public StorageFailure Failure { get; }
}
