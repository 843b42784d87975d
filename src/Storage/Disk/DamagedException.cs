namespace SlimtaFast.Storage.Disk;

/// <summary>Stored octets are not what was written: unlike a failure of the disk, trying again does not help.</summary>
internal sealed class DamagedException : IOException
{
    /// <summary>Makes the exception.</summary>
    public DamagedException(string message)
        : base(message)
    {
    }
}
