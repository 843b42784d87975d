using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.TestKit.Files;

/// <summary>A real file system in a file, mounted by way of a loop device, whose power can be cut.</summary>
public sealed partial class LoopImage : IAsyncDisposable
{
    // EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN are the same: stop at once and do not flush the log.
    private const nuint Shutdown = 0x8004587d;
    private const uint NoLogFlush = 2;

    // A program that another test starts meanwhile would hold the mount for as long as it lives.
    private const int CloseOnExec = 0x80000;

    private readonly string _image;
    private readonly string _options;
    private bool _isMounted;

    private LoopImage(string image, string mountPoint, string options)
    {
        _image = image;
        _options = options;
        MountPoint = mountPoint;
    }

    /// <summary>Where the file system is to be found.</summary>
    public string MountPoint { get; }

    /// <summary>Makes and mounts a file system.</summary>
    /// <param name="folder">Where image and mount point stand.</param>
    /// <param name="type"><c>ext4</c> or <c>xfs</c>.</param>
    /// <param name="megabytes">Its size; blocks are taken only as they are used.</param>
    /// <param name="options">More mount options.</param>
    /// <param name="making">Options of the program that makes it.</param>
    public static async Task<LoopImage> CreateAsync(TemporaryFolder folder, string type, int megabytes, string options = "defaults", params string[] making)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string image = folder["image"];
        await using (FileStream file = File.Create(image))
            file.SetLength(megabytes * 1024L * 1024);
        await RunAsync($"mkfs.{type}", ["-q", .. making, image]);
        var made = new LoopImage(image, Directory.CreateDirectory(folder["mount"]).FullName, options);
        await made.MountAsync();
        return made;
    }

    /// <summary>Mounts it, which also repairs it from its own log.</summary>
    public async Task MountAsync()
    {
        await RunAsync("mount", "-o", $"loop,{_options}", _image, MountPoint);
        _isMounted = true;
    }

    /// <summary>Unmounts it; nobody may have files open.</summary>
    public async Task UnmountAsync()
    {
        if (!_isMounted)
            return;
        // A killed server's last writes may hold the mount a moment longer than its process lives.
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (int attempt = 0; attempt < 100; attempt++)
        {
            if ((await RunningProgram.RunAsync("umount", [MountPoint])).ExitCode == 0)
            {
                _isMounted = false;
                return;
            }

            await pause.WaitForNextTickAsync();
        }

        await RunAsync("umount", MountPoint);
        _isMounted = false;
    }

    /// <summary>Checks and repairs the unmounted file system, as after errors.</summary>
    public async Task RepairAsync() => await RunningProgram.RunAsync("e2fsck", ["-p", "-f", _image]);

    /// <summary>
    /// Makes an ext4 file system, mounted with <c>errors=remount-ro</c>, find an error in itself, after which it takes no more writes until it
    /// is repaired.
    /// </summary>
    public async Task MakeReadOnlyByErrorAsync()
    {
        (_, string devices) = await RunningProgram.RunAsync("losetup", ["-n", "-O", "NAME", "-j", _image]);
        string device = Path.GetFileName(devices.Split('\n', StringSplitOptions.RemoveEmptyEntries)[0].Trim());
        await File.WriteAllTextAsync($"/sys/fs/ext4/{device}/trigger_fs_error", "test");
    }

    /// <summary>
    /// Cuts the power: the file system stops at once, what it had not written to its log or medium is lost, and every write fails. It has
    /// to be unmounted and mounted again.
    /// </summary>
    public void CutPower()
    {
        using var directory = new SafeFileHandle(Open(MountPoint, CloseOnExec), ownsHandle: true);
        uint how = NoLogFlush;
        if (directory.IsInvalid || Control(directory, Shutdown, ref how) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await UnmountAsync();

    private static async Task RunAsync(string program, params string[] arguments)
    {
        (int code, string output) = await RunningProgram.RunAsync(program, arguments);
        if (code != 0)
            throw new IOException($"{program} {string.Join(' ', arguments)} ended with {code}: {output}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, ref uint argument);
}
