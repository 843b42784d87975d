namespace SlimtaFast.Storage.Disk.Files.Portable;

/// <summary>Turns what the runtime throws about files into <see cref="DiskException"/>s.</summary>
internal static class RuntimeError
{
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>True for exceptions about files.</summary>
    public static bool IsMapped(Exception exception) =>
        exception is (IOException and not DiskException) or UnauthorizedAccessException or ArgumentOutOfRangeException;

    /// <summary>The exception with a Linux error number.</summary>
    public static DiskException Map(string operation, string path, Exception exception) => new(operation, path, Number(exception), exception);

    /// <summary>Runs a call of the runtime and maps what it throws.</summary>
    public static void Mapped(string operation, string path, Action call) => Mapped(operation, path, () =>
    {
        call();
        return true;
    });

    /// <summary>Runs a call of the runtime and maps what it throws.</summary>
    public static T Mapped<T>(string operation, string path, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (IsMapped(e))
        {
            throw Map(operation, path, e);
        }
    }

    private static int Number(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => DiskError.NoEntry,
        UnauthorizedAccessException => DiskError.AccessDenied,
        // What the runtime makes of EFBIG.
        ArgumentOutOfRangeException => DiskError.FileTooLarge,
        _ when exception.HResult is WindowsDiskFull or WindowsHandleDiskFull => DiskError.NoSpace,
        _ when exception.HResult > 0 => exception.HResult,
        _ => DiskError.InputOutput,
    };
}
