using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SlimtaFast.Relay.Pipe;

/// <summary>
/// The system calls around child processes, on Linux with glibc or musl. Each returns a result of 0 or more, or the negated error number.
/// System.Diagnostics.Process does not do here: it makes no process group of a child, so that a hanging child's own children could not be
/// ended; it takes a pipe only for standard input, so that a child could see a cut message; and it tells no error numbers.
/// </summary>
internal static unsafe partial class Libc
{
    public const int NotPermitted = 1;
    public const int NoSuchFile = 2;
    public const int AgainLater = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int NoFolder = 20;
    public const int TooManyFiles = 23;
    public const int TooManyOwnFiles = 24;
    public const int TextBusy = 26;
    public const int NoChild = 10;
    public const int NotExecutable = 8;

    public const int Terminate = 15;
    public const int Kill = 9;

    // Both libraries' attribute and action structures are smaller (glibc: 336 and 80 octets).
    // F_ADD_SEALS with F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW and F_SEAL_WRITE of fcntl(2).
    private const int AddSeals = 1033, SealAll = 1 | 2 | 4 | 8;

    private const int OpaqueSize = 1024;

    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;
    private const short SetSession = 0x80;

    private const int ProcessId = 1;
    private const int NoHang = 1;
    private const int Exited = 4;
    private const int LeaveWaitable = 0x01000000;

    private const short Readable = 1;

    private const int AccountBuffer = 16 * 1024;

    // glibc 2.34 and later; musl has none.
    private static readonly delegate* unmanaged<byte*, int, int> s_addClosing = FindAddClosing();

    /// <summary>
    /// Starts a program as the leader of a new session and process group, with all signals as usual. Returns its id. It returns when the
    /// program was executed, or could not be.
    /// </summary>
    public static int Spawn(string path, ArgumentBlock arguments, nint[] environment, string folder, int input, int output, int error)
    {
        byte* attributes = stackalloc byte[OpaqueSize];
        byte* actions = stackalloc byte[OpaqueSize];
        ulong* none = stackalloc ulong[16];
        ulong* all = stackalloc ulong[16];
        new Span<ulong>(none, 16).Clear();
        new Span<ulong>(all, 16).Clear();
        // Signals 1 to 31; .NET ignores SIGPIPE, and what is ignored stays so in a new program.
        all[0] = 0x7FFF_FFFF;
        int problem = NativeAttributesInit(attributes);
        if (problem != 0)
            return -problem;
        problem = NativeActionsInit(actions);
        if (problem != 0)
        {
            _ = NativeAttributesDestroy(attributes);
            return -problem;
        }

        byte[] octets = arguments.Octets.ToArray();
        var starts = new byte*[arguments.Starts.Count + 1];
        int id = 0;
        fixed (byte* first = octets)
        fixed (byte** vector = starts)
        fixed (nint* variables = environment)
        {
            for (int i = 0; i < arguments.Starts.Count; i++)
                vector[i] = first + arguments.Starts[i];
            problem = FirstOf(NativeSetFlags(attributes, SetSignalDefaults | SetSignalMask | SetSession), NativeSetDefaults(attributes, (byte*)all));
            problem = FirstOf(problem, NativeSetMask(attributes, (byte*)none));
            problem = FirstOf(problem, NativeAddDuplicate(actions, input, 0));
            problem = FirstOf(problem, NativeAddDuplicate(actions, output, 1));
            problem = FirstOf(problem, NativeAddDuplicate(actions, error, 2));
            problem = FirstOf(problem, NativeAddFolder(actions, folder));
            // Our own descriptors close by themselves; those that the runtime opens for a moment (memory statistics at a collection) do not.
            if (s_addClosing is not null)
                problem = FirstOf(problem, s_addClosing(actions, 3));
            problem = FirstOf(problem, problem == 0 ? NativeSpawn(&id, path, actions, attributes, vector, (byte**)variables) : 0);
        }

        _ = NativeActionsDestroy(actions);
        _ = NativeAttributesDestroy(attributes);
        return problem == 0 ? id : -problem;
    }

    /// <summary>Sends a signal to a process, or to a process group by its negated id.</summary>
    public static int Signal(int id, int signal) => Check(NativeKill(id, signal));

    /// <summary>1 where a child has ended and waits to be reaped, 0 where it runs.</summary>
    public static int HasEnded(int id)
    {
        // siginfo_t begins with the signal's number, which stays 0 where no child has ended.
        int* facts = stackalloc int[32];
        new Span<int>(facts, 32).Clear();
        int result = Check(NativeWaitId(ProcessId, id, (byte*)facts, Exited | NoHang | LeaveWaitable));
        return result < 0 ? result : facts[0] != 0 ? 1 : 0;
    }

    /// <summary>Reaps a child that has ended, and tells how.</summary>
    public static int Reap(int id, out ChildExit exit)
    {
        int status = 0;
        int result = Check(NativeWaitPid(id, &status, 0));
        int signal = status & 0x7F;
        exit = signal == 0 ? ChildExit.WithCode((status >> 8) & 0xFF) : ChildExit.BySignal(signal);
        return result;
    }

    /// <summary>True where a descriptor has something to read, or its end.</summary>
    public static bool CanRead(SafeHandle descriptor)
    {
        bool added = false;
        try
        {
            descriptor.DangerousAddRef(ref added);
            // struct pollfd: the descriptor, then two shorts of wanted and given events.
            int* entry = stackalloc int[2];
            entry[0] = (int)descriptor.DangerousGetHandle();
            ((short*)entry)[2] = Readable;
            ((short*)entry)[3] = 0;
            return Check(NativePoll(entry, 1, 0)) > 0 && (((short*)entry)[3] & Readable) != 0;
        }
        finally
        {
            if (added)
                descriptor.DangerousRelease();
        }
    }

    /// <summary>A file in memory, without a name, closed when a program is executed; it may be sealed.</summary>
    public static int CreateMemoryFile() => Check(NativeMemoryFile("message", flags: 1 | 2));

    /// <summary>Makes a file in memory one that nobody can change any more, whoever opens it again.</summary>
    public static int Seal(SafeFileHandle file) => Check(NativeControl((int)file.DangerousGetHandle(), AddSeals, SealAll));

    /// <summary>The user's id in effect.</summary>
    public static uint GetUser() => NativeGetUser();

    /// <summary>The account of a user, or null where there is none.</summary>
    public static ChildAccount? FindUser(string name)
    {
        // struct passwd: name, password, user id, group id, comment, home, shell.
        byte** entry = stackalloc byte*[8];
        byte[] texts = new byte[AccountBuffer];
        fixed (byte* buffer = texts)
        {
            byte* found = null;
            if (NativeFindUser(name, (byte*)entry, buffer, (nuint)texts.Length, &found) != 0 || found is null)
                return null;
            uint* ids = (uint*)(entry + 2);
            return new ChildAccount(name, ids[0], ids[1], Marshal.PtrToStringUTF8((nint)entry[4]) ?? "/");
        }
    }

    /// <summary>The id of a group, or null where there is none.</summary>
    public static uint? FindGroup(string name)
    {
        // struct group: name, password, group id, members.
        byte** entry = stackalloc byte*[8];
        byte[] texts = new byte[AccountBuffer];
        fixed (byte* buffer = texts)
        {
            byte* found = null;
            if (NativeFindGroup(name, (byte*)entry, buffer, (nuint)texts.Length, &found) != 0 || found is null)
                return null;
            return *(uint*)(entry + 2);
        }
    }

    private static delegate* unmanaged<byte*, int, int> FindAddClosing()
    {
        nint library = NativeLibrary.GetMainProgramHandle();
        return NativeLibrary.TryGetExport(library, "posix_spawn_file_actions_addclosefrom_np", out nint function)
            ? (delegate* unmanaged<byte*, int, int>)function
            : null;
    }

    private static int FirstOf(int problem, int next) => problem != 0 ? problem : next;

    private static int Check(int result) => result >= 0 ? result : -Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int NativeAttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int NativeAttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int NativeSetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int NativeSetDefaults(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int NativeSetMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int NativeActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int NativeActionsDestroy(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int NativeAddDuplicate(byte* actions, int descriptor, int target);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeAddFolder(byte* actions, string folder);

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeSpawn(int* id, string path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int NativeKill(int id, int signal);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int NativeWaitId(int kind, int id, byte* facts, int options);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int NativeWaitPid(int id, int* status, int options);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int NativePoll(int* entries, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int NativeControl(int file, int command, int argument);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeMemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint NativeGetUser();

    [LibraryImport("libc", EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeFindUser(string name, byte* entry, byte* buffer, nuint length, byte** found);

    [LibraryImport("libc", EntryPoint = "getgrnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeFindGroup(string name, byte* entry, byte* buffer, nuint length, byte** found);
}
