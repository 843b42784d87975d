using System.Runtime.Versioning;
using SlimtaFast.Storage.Disk.Files;
using SlimtaFast.Storage.Disk.Files.Linux;
using SlimtaFast.TestKit.Files;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Storage.Tests.Disk.Files.Linux;

/// <summary>
/// A 250 depends on these: the runtime's own flush was seen to return as if nothing had happened when fsync failed. A seccomp filter makes
/// the kernel answer the real system calls with an error, on one thread and without privileges.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class LinuxFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxFact]
    public void Flush_kernel_reports_EIO_throws_it()
    {
        using IStoreFile file = new LinuxFileLayer().Create(_folder["a"]);
        file.Write(0, "x"u8);
        DiskException error = Assert.Throws<DiskException>(() => FailingSystemCalls.Run(SystemCall.FlushData, DiskError.InputOutput, file.Flush));
        Assert.Equal(DiskError.InputOutput, error.Error);
        Assert.Equal(StorageFailure.Unavailable, error.Failure);
        Assert.Contains(_folder["a"], error.Message, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void Flush_directory_kernel_reports_EIO_throws_it()
    {
        using IStoreDirectory directory = new LinuxFileLayer().OpenDirectory(_folder.Path);
        DiskException error = Assert.Throws<DiskException>(() => FailingSystemCalls.Run(SystemCall.Flush, DiskError.InputOutput, directory.Flush));
        Assert.Equal(DiskError.InputOutput, error.Error);
    }

    [LinuxTheory]
    [InlineData(DiskError.NoSpace)]
    [InlineData(DiskError.QuotaExceeded)]
    [InlineData(DiskError.FileTooLarge)]
    public void Write_no_room_left_says_full(int number)
    {
        using IStoreFile file = new LinuxFileLayer().Create(_folder["a"]);
        DiskException error = Assert.Throws<DiskException>(() => FailingSystemCalls.Run(SystemCall.Write, number, () => file.Write(0, "x"u8)));
        Assert.Equal(StorageFailure.Full, error.Failure);
        error = Assert.Throws<DiskException>(() => FailingSystemCalls.Run(SystemCall.WriteVector, number, () => file.Write(0, ["x"u8.ToArray()])));
        Assert.Equal(StorageFailure.Full, error.Failure);
    }

    [LinuxFact]
    public void Read_kernel_reports_EIO_throws_it()
    {
        using IStoreFile file = new LinuxFileLayer().Create(_folder["a"]);
        file.Write(0, "x"u8);
        DiskException error = Assert.Throws<DiskException>(() => FailingSystemCalls.Run(SystemCall.Read, DiskError.InputOutput, () => file.Read(0, new byte[1])));
        Assert.Equal(DiskError.InputOutput, error.Error);
    }

    [LinuxFact]
    public void Allocate_not_supported_is_ignored()
    {
        using IStoreFile file = new LinuxFileLayer().Create(_folder["a"]);
        FailingSystemCalls.Run(SystemCall.Allocate, DiskError.NotSupported, () => file.Allocate(4096));
        Assert.Equal(0, file.Length);
    }

    [LinuxFact]
    public void Created_file_is_readable_by_its_owner_only()
    {
        new LinuxFileLayer().Create(_folder["a"]).Dispose();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["a"]));
    }
}
