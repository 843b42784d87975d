using System.Runtime.InteropServices;

namespace SlimtaFast.Server.Bench;

/// <summary>Sleeps with the precision of the system's clock, where <see cref="Thread.Sleep(TimeSpan)"/> rounds to whole milliseconds.</summary>
internal static class FineSleep
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Sleeps at least this long, or less where a signal comes in between.</summary>
    public static void For(TimeSpan time)
    {
        if (!OperatingSystem.IsLinux())
        {
            Thread.Sleep(time);
            return;
        }

        long nanoseconds = time.Ticks * TimeSpan.NanosecondsPerTick;
        var request = new TimeSpec((nint)(nanoseconds / NanosecondsPerSecond), (nint)(nanoseconds % NanosecondsPerSecond));
        _ = Nanosleep(in request, 0);
    }

    [DllImport("libc", EntryPoint = "nanosleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Nanosleep(in TimeSpec request, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec(nint seconds, nint nanoseconds)
    {
        public readonly nint Seconds = seconds;
        public readonly nint Nanoseconds = nanoseconds;
    }
}
