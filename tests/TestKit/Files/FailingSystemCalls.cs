using System.ComponentModel;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace SlimtaFast.TestKit.Files;

/// <summary>
/// Runs code on a thread for which the Linux kernel answers one system call with an error: a seccomp filter, which needs no privileges and
/// ends with the thread.
/// </summary>
public static unsafe partial class FailingSystemCalls
{
    private const int SetNoNewPrivileges = 38;
    private const int SetSeccomp = 22;
    private const int FilterMode = 2;

    /// <summary>Runs <paramref name="action"/> to its end and throws what it threw.</summary>
    /// <param name="call">The call to fail.</param>
    /// <param name="error">The error number that it returns.</param>
    /// <param name="action">Runs on a thread of its own.</param>
    public static void Run(SystemCall call, int error, Action action)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Install(Number(call), error);
                action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    private static uint Number(SystemCall call)
    {
        bool isX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;
        return call switch
        {
            SystemCall.FlushData => isX64 ? 75u : 83,
            SystemCall.Flush => isX64 ? 74u : 82,
            SystemCall.Read => isX64 ? 17u : 67,
            SystemCall.Write => isX64 ? 18u : 68,
            SystemCall.WriteVector => isX64 ? 296u : 70,
            SystemCall.Allocate => isX64 ? 285u : 47,
            _ => throw new ArgumentOutOfRangeException(nameof(call)),
        };
    }

    private static void Install(uint number, int error)
    {
        // Load the call's number; if it is ours, return the error, else allow.
        FilterInstruction* program = stackalloc FilterInstruction[]
        {
            new(0x20, 0, 0, 0),
            new(0x15, 0, 1, number),
            new(0x06, 0, 0, 0x0005_0000 | (uint)error),
            new(0x06, 0, 0, 0x7FFF_0000),
        };
        var filter = new FilterProgram { Length = 4, Start = program };
        if (Control(SetNoNewPrivileges, 1, 0, 0, 0) != 0 || Control(SetSeccomp, FilterMode, (nint)(&filter), 0, 0) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, nint second, nint third, nint fourth, nint fifth);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct FilterInstruction(ushort Code, byte IfTrue, byte IfFalse, uint Value);

    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        public ushort Length;
        public FilterInstruction* Start;
    }
}
