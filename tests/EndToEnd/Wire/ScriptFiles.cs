namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>Where the scripts are.</summary>
internal static class ScriptFiles
{
    /// <summary>The names of the scripts in <c>dialogues/</c>, or in a folder below it.</summary>
    public static IReadOnlyList<string> Names(string folder = "") =>
        [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "dialogues", folder), "*.smtp").Select(static f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];

    /// <summary>The text of a script.</summary>
    public static string Read(string name, string folder = "") =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "dialogues", folder, name + ".smtp"));
}
