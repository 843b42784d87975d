using SlimtaFast.Storage.Disk.Files;
using SlimtaFast.TestKit.Files;

namespace SlimtaFast.Storage.Tests.Disk.Files;

public sealed class FaultyFileLayerTests
{
    private readonly SimulatedDisk _disk = new();
    private readonly FaultyFileLayer _layer;

    public FaultyFileLayerTests() => _layer = new FaultyFileLayer(_disk);

    [Fact]
    public void Steps_are_numbered_in_order()
    {
        using (IStoreFile file = _layer.Create("/a"))
        {
            file.Write(0, "x"u8);
            file.Flush();
        }

        _layer.Rename("/a", "/b");
        using IStoreDirectory directory = _layer.OpenDirectory("/");
        directory.Flush();
        Assert.Equal(
            [
                new(1, DiskStepKind.Create, "/a"), new(2, DiskStepKind.Write, "/a"), new(3, DiskStepKind.Flush, "/a"),
                new(4, DiskStepKind.Rename, "/b"), new(5, DiskStepKind.OpenDirectory, "/"), new(6, DiskStepKind.FlushDirectory, "/"),
            ],
            _layer.Steps);
    }

    [Theory]
    [InlineData(DiskFault.InputOutput, DiskError.InputOutput, "")]
    [InlineData(DiskFault.NoSpace, DiskError.NoSpace, "")]
    [InlineData(DiskFault.ShortWrite, DiskError.NoSpace, "ab")]
    public void FailAt_write_fails_as_planned(DiskFault fault, int error, string left)
    {
        _layer.FailAt(2, fault);
        using IStoreFile file = _layer.Create("/a");
        Assert.Equal(error, Assert.Throws<DiskException>(() => file.Write(0, "abcd"u8)).Error);
        Assert.Equal(left.Length, file.Length);
        file.Write(0, "abcd"u8);
        Assert.Equal(4, file.Length);
    }

    [Theory]
    [InlineData(DiskFault.CrashBefore, 0)]
    [InlineData(DiskFault.CrashWithin, 2)]
    [InlineData(DiskFault.CrashAfter, 4)]
    public void FailAt_crash_refuses_everything_after(DiskFault fault, int left)
    {
        _layer.FailAt(2, fault);
        IStoreFile file = _layer.Create("/a");
        Assert.Throws<CrashException>(() => file.Write(0, [new byte[1], new byte[3]]));
        Assert.True(_layer.HasCrashed);
        Assert.Throws<CrashException>(file.Flush);
        Assert.Throws<CrashException>(() => _layer.Delete("/a"));
        Assert.Equal(left, _disk.TryOpen("/a", writable: false)!.Length);
    }

    [Fact]
    public void FailAt_rename_leaves_the_names()
    {
        _layer.Create("/a").Dispose();
        _layer.FailAt(2, DiskFault.InputOutput);
        Assert.Throws<DiskException>(() => _layer.Rename("/a", "/b"));
        Assert.True(_disk.Exists("/a"));
        Assert.False(_disk.Exists("/b"));
    }
}
