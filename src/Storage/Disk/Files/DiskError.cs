using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Disk.Files;

/// <summary>The error numbers that the storage tells apart (Linux numbers; other systems' are mapped to them).</summary>
internal static class DiskError
{
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int InputOutput = 5;
    public const int WouldBlock = 11;
    public const int AccessDenied = 13;
    public const int Exists = 17;
    public const int CrossDevice = 18;
    public const int Invalid = 22;
    public const int FileTooLarge = 27;
    public const int NoSpace = 28;
    public const int ReadOnly = 30;
    public const int NotSupported = 95;
    public const int QuotaExceeded = 122;

    /// <summary>True where the medium has no room, or the user's share of it is used up: 452 rather than 451.</summary>
    public static bool IsFull(int error) => error is NoSpace or QuotaExceeded or FileTooLarge;

    /// <summary>Whose fault an exception of the file layer is.</summary>
    public static StorageFailure Classify(IOException exception) => exception switch
    {
        DiskException disk => disk.Failure,
        UndecidedException undecided => undecided.Failure,
        _ => IsFull(exception.HResult) ? StorageFailure.Full : StorageFailure.Unavailable,
    };
}
