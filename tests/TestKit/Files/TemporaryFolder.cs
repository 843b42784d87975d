namespace SlimtaFast.TestKit.Files;

/// <summary>A folder of its own for one test, gone with it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Makes the folder under the system's temporary folder, or under another.</summary>
    public TemporaryFolder(string? under = null) =>
        Path = under is null ? Directory.CreateTempSubdirectory("slimtafast-").FullName : Directory.CreateDirectory(System.IO.Path.Combine(under, Guid.NewGuid().ToString("N"))).FullName;

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>The path of something in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
