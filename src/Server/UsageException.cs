namespace SlimtaFast.Server;

/// <summary>The command line or the configuration is wrong; the message says what, in one line for the person who typed it.</summary>
public sealed class UsageException : Exception
{
    /// <summary>Makes the exception.</summary>
    public UsageException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
