namespace SlimtaFast.TestKit.Tiers;

/// <summary>Where the tree is out of which the tests were built.</summary>
public static class RepositoryTree
{
    private static readonly string Root = FindRoot();

    /// <summary>A path from the root of the tree made whole; names of programs and whole paths stay as they are.</summary>
    public static string Find(string path) => path.Contains('/', StringComparison.Ordinal) ? Path.Combine(Root, path) : path;

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SlimtaFast.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? "";
    }
}
