namespace SlimtaFast.TestKit.Processes;

/// <summary>A folder of the test's own that is removed at the end.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Makes the folder; readable for other users, because some servers give up root.</summary>
    public TemporaryFolder()
    {
        Path = Directory.CreateTempSubdirectory("slimtafast-").FullName;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path, (UnixFileMode)0b111_101_101);
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>A path inside it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A server that is still going away may write once more; the system's temporary folder is cleaned by others too.
        }
    }
}
