namespace SlimtaFast.Lookup;

/// <summary>A lookup could not find out whether there is a value. Trying again later makes sense.</summary>
public sealed class LookupException : Exception
{
    /// <summary>Says what failed.</summary>
    public LookupException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
