namespace SlimtaFast.Relay.Pipe;

/// <summary>Finds executable files.</summary>
internal static class ProgramFile
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>
    /// The path of a program: itself where it is a path, else the first executable file of that name in the folders; null where there is none.
    /// </summary>
    /// <param name="program">An absolute path or a bare name.</param>
    /// <param name="folders">Folders with colons between them.</param>
    public static string? Find(string program, string folders)
    {
        if (program.Contains('/', StringComparison.Ordinal))
            return IsExecutable(program) ? program : null;
        foreach (string folder in folders.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string path = Path.Combine(folder, program);
            if (IsExecutable(path))
                return path;
        }

        return null;
    }

    private static bool IsExecutable(string path)
    {
        var file = new FileInfo(path);
        return file.Exists && (file.UnixFileMode & Executable) != 0;
    }
}
