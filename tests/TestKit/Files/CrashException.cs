namespace SlimtaFast.TestKit.Files;

/// <summary>
/// The process is taken to have died here: whatever it tries with the disk afterwards fails the same way and changes nothing. An
/// <see cref="IOException"/>, so that code under test treats it as a disk that stopped working and nothing else can be lost in it.
/// </summary>
public sealed class CrashException : IOException
{
    /// <summary>Makes the exception.</summary>
    public CrashException()
        : base("The simulated process has crashed.")
    {
    }
}
