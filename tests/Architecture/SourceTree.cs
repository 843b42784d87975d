namespace SlimtaFast.Architecture.Tests;

/// <summary>The source tree that these tests were built from.</summary>
internal static class SourceTree
{
    /// <summary>The folder with SlimtaFast.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The rooms of the engine: the folders of src/.</summary>
    public static IReadOnlyList<string> Rooms { get; } =
        [.. Directory.EnumerateDirectories(Path.Combine(Root, "src")).Where(static folder => Directory.EnumerateFiles(folder, "*.csproj").Any()).Select(static folder => Path.GetFileName(folder)).Order()];

    /// <summary>A file's text, by its path in the tree.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>True where the tree has a file or folder of that path.</summary>
    public static bool Has(string path) => Path.Exists(Path.Combine(Root, path));

    /// <summary>The C# files below a folder as paths in the tree, in order, without what builds make.</summary>
    public static IReadOnlyList<string> CSharp(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(static file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(static path => !path.Split('/').Any(static part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal)];

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SlimtaFast.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("These tests run from inside the source tree.");
    }
}
