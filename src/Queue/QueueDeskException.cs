namespace SlimtaFast.Queue;

/// <summary>An operator asked for something that cannot be; the message says what is wrong.</summary>
public sealed class QueueDeskException : Exception
{
    /// <summary>Makes the exception.</summary>
    public QueueDeskException(string message)
        : base(message)
    {
    }
}
