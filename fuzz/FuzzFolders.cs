namespace SlimtaFast.Fuzz;

/// <summary>Where corpora and dictionaries are: in the folder fuzz/ of the source tree.</summary>
public sealed class FuzzFolders
{
    private readonly string _root;

    /// <summary>Takes the folder fuzz/.</summary>
    public FuzzFolders(string root) => _root = root;

    /// <summary>Looks for the source tree upwards from a folder; null where there is none.</summary>
    public static FuzzFolders? Find(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SlimtaFast.sln")))
                return new FuzzFolders(Path.Combine(folder.FullName, "fuzz"));
        }

        return null;
    }

    /// <summary>The target's seeds in the order of their names; empty where it has none.</summary>
    public IReadOnlyList<string> Corpus(IFuzzTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Files(Path.Combine(_root, "corpora", target.Name));
    }

    /// <summary>The target's dictionary.</summary>
    public string Dictionary(IFuzzTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Path.Combine(_root, "dictionaries", $"{target.Name}.dict");
    }

    /// <summary>Where inputs are written that a target did not stand; not under version control.</summary>
    public string Findings(IFuzzTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Path.Combine(_root, "findings", target.Name);
    }

    /// <summary>All files under a folder in the order of their names.</summary>
    public static IReadOnlyList<string> Files(string folder) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];
}
