using System.Text;
using SlimtaFast.Storage.Disk.Files;
using SlimtaFast.Storage.Disk.Files.Linux;
using SlimtaFast.Storage.Disk.Files.Portable;
using SlimtaFast.TestKit.Files;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Storage.Tests.Disk.Files;

/// <summary>What every file layer promises: the real ones and the model that the crash tests stand on.</summary>
public sealed class FileLayerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Layers { get; } = OperatingSystem.IsLinux() ? ["linux", "portable", "simulated"] : ["portable", "simulated"];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Layers))]
    public void Create_new_name_can_be_written_and_read_back(string kind)
    {
        IFileLayer layer = Make(kind);
        using (IStoreFile file = layer.Create(_folder["a"]))
        {
            file.Write(0, "hello"u8);
            file.Write(5, [" "u8.ToArray(), ReadOnlyMemory<byte>.Empty, "world"u8.ToArray()]);
            file.Flush();
            Assert.Equal(11, file.Length);
        }

        using IStoreFile again = layer.TryOpen(_folder["a"], writable: false)!;
        Assert.Equal("hello world", ReadAll(again));
    }

    [Theory, MemberData(nameof(Layers))]
    public void Create_existing_name_fails(string kind)
    {
        IFileLayer layer = Make(kind);
        layer.Create(_folder["a"]).Dispose();
        Assert.Equal(DiskError.Exists, Assert.Throws<DiskException>(() => layer.Create(_folder["a"])).Error);
    }

    [Theory, MemberData(nameof(Layers))]
    public void TryOpen_missing_name_returns_null(string kind)
    {
        Assert.Null(Make(kind).TryOpen(_folder["none"], writable: true));
        Assert.Null(Make(kind).TryOpen(_folder["none/none"], writable: false));
    }

    [Theory, MemberData(nameof(Layers))]
    public void Write_beyond_the_end_leaves_zeros_between(string kind)
    {
        using IStoreFile file = Make(kind).Create(_folder["a"]);
        file.Write(3, "x"u8);
        Assert.Equal("\0\0\0x", ReadAll(file));
    }

    [Theory, MemberData(nameof(Layers))]
    public void Write_more_parts_than_one_call_takes_writes_all(string kind)
    {
        ReadOnlyMemory<byte>[] parts = [.. Enumerable.Range(0, 1500).Select(i => (ReadOnlyMemory<byte>)new byte[] { (byte)i, (byte)(i >> 8) })];
        using IStoreFile file = Make(kind).Create(_folder["a"]);
        file.Write(7, parts);
        byte[] all = new byte[3000];
        Assert.Equal(3000, file.Read(7, all));
        Assert.Equal(parts.SelectMany(part => part.ToArray()), all);
    }

    [Theory, MemberData(nameof(Layers))]
    public void Read_at_the_end_returns_what_is_there(string kind)
    {
        using IStoreFile file = Make(kind).Create(_folder["a"]);
        file.Write(0, "abc"u8);
        byte[] buffer = new byte[10];
        Assert.Equal(1, file.Read(2, buffer));
        Assert.Equal(0, file.Read(3, buffer));
        Assert.Equal(0, file.Read(100, buffer));
    }

    [Theory, MemberData(nameof(Layers))]
    public void SetLength_cuts_and_extends(string kind)
    {
        using IStoreFile file = Make(kind).Create(_folder["a"]);
        file.Write(0, "abcdef"u8);
        file.SetLength(2);
        file.SetLength(4);
        Assert.Equal("ab\0\0", ReadAll(file));
    }

    [Theory, MemberData(nameof(Layers))]
    public void Rename_replaces_the_target(string kind)
    {
        IFileLayer layer = Make(kind);
        Put(layer, "a", "new");
        Put(layer, "b", "old");
        layer.Rename(_folder["a"], _folder["b"]);
        Assert.False(layer.Exists(_folder["a"]));
        using IStoreFile file = layer.TryOpen(_folder["b"], writable: false)!;
        Assert.Equal("new", ReadAll(file));
    }

    [Theory, MemberData(nameof(Layers))]
    public void Rename_missing_source_fails(string kind)
    {
        IFileLayer layer = Make(kind);
        Assert.Equal(DiskError.NoEntry, Assert.Throws<DiskException>(() => layer.Rename(_folder["a"], _folder["b"])).Error);
    }

    [Theory, MemberData(nameof(Layers))]
    public void Delete_tells_whether_the_name_was_there(string kind)
    {
        IFileLayer layer = Make(kind);
        Put(layer, "a", "x");
        Assert.True(layer.Delete(_folder["a"]));
        Assert.False(layer.Delete(_folder["a"]));
        Assert.False(layer.Exists(_folder["a"]));
    }

    [Theory, MemberData(nameof(Layers))]
    public void Open_file_outlives_its_name(string kind)
    {
        IFileLayer layer = Make(kind);
        Put(layer, "a", "x");
        using IStoreFile file = layer.TryOpen(_folder["a"], writable: false)!;
        layer.Delete(_folder["a"]);
        Assert.Equal("x", ReadAll(file));
    }

    [Theory, MemberData(nameof(Layers))]
    public void List_names_each_file_but_no_folder(string kind)
    {
        IFileLayer layer = Make(kind);
        layer.CreateDirectory(_folder["sub/deeper"]);
        foreach (int i in Enumerable.Range(0, 300))
            Put(layer, $"file{i}", "");
        Put(layer, ".hidden", "");
        Put(layer, "sub/other", "");
        Assert.Equal(
            Enumerable.Range(0, 300).Select(i => $"file{i}").Append(".hidden").Order(StringComparer.Ordinal),
            List(layer, _folder.Path).Order(StringComparer.Ordinal));
        Assert.Equal(["other"], List(layer, _folder["sub"]));
        Assert.Empty(List(layer, _folder["none"]));
    }

    [Theory, MemberData(nameof(Layers))]
    public void CreateDirectory_twice_is_no_error(string kind)
    {
        IFileLayer layer = Make(kind);
        layer.CreateDirectory(_folder["x/y/z"]);
        layer.CreateDirectory(_folder["x/y/z/"]);
        using IStoreDirectory directory = layer.OpenDirectory(_folder["x/y/z"]);
        directory.Flush();
    }

    [Theory, MemberData(nameof(Layers))]
    public void OpenDirectory_missing_fails(string kind) =>
        Assert.Equal(DiskError.NoEntry, Assert.Throws<DiskException>(() => Make(kind).OpenDirectory(_folder["none"])).Error);

    [Theory, MemberData(nameof(Layers))]
    public void GetSpace_shows_room(string kind)
    {
        DiskSpace space = Make(kind).GetSpace(_folder.Path);
        Assert.InRange(space.FreeBytes, 1, space.TotalBytes);
        Assert.True(space.FreeFiles > 0);
    }

    [Theory, MemberData(nameof(Layers))]
    public void AreOnOneFileSystem_neighbours_returns_true(string kind)
    {
        IFileLayer layer = Make(kind);
        layer.CreateDirectory(_folder["a"]);
        layer.CreateDirectory(_folder["b"]);
        Assert.True(layer.AreOnOneFileSystem(_folder["a"], _folder["b"]));
    }

    [Theory, MemberData(nameof(Layers))]
    public void Lock_taken_is_refused_with_its_name_and_holder(string kind)
    {
        IFileLayer layer = Make(kind);
        using (layer.Lock(_folder["lock"]))
        {
            StorageException refusal = Assert.Throws<StorageException>(() => layer.Lock(_folder["lock"]));
            Assert.Contains(_folder["lock"], refusal.Message, StringComparison.Ordinal);
            Assert.Contains(kind == "portable" ? "locked by a process:" : $"locked by process {Environment.ProcessId}:", refusal.Message, StringComparison.Ordinal);
        }

        layer.Lock(_folder["lock"]).Dispose();
    }

    [Theory, MemberData(nameof(Layers))]
    public void Direct_file_says_its_alignment_and_takes_aligned_writes(string kind)
    {
        IFileLayer layer = Make(kind);
        using IStoreFile file = layer.Create(_folder["a"], direct: true);
        file.Allocate(64 * 1024);
        Assert.True(int.IsPow2(file.Alignment));
        using var buffer = new AlignedBuffer(4096, file.Alignment);
        buffer.Span.Fill((byte)'x');
        file.Write(4096, buffer.Span);
        file.Write(8192, [buffer.Memory, buffer.Memory]);
        file.Flush();
        buffer.Span.Clear();
        Assert.Equal(4096, file.Read(12288, buffer.Span));
        Assert.Equal(-1, buffer.Span.IndexOfAnyExcept((byte)'x'));
    }

    private static string ReadAll(IStoreFile file)
    {
        byte[] all = new byte[file.Length];
        Assert.Equal(all.Length, file.Read(0, all));
        return Encoding.ASCII.GetString(all);
    }

    private static List<string> List(IFileLayer layer, string path)
    {
        var names = new List<string>();
        layer.List(path, name => names.Add(name.ToString()));
        return names;
    }

    private void Put(IFileLayer layer, string name, string text)
    {
        using IStoreFile file = layer.Create(_folder[name]);
        file.Write(0, Encoding.ASCII.GetBytes(text));
    }

    private IFileLayer Make(string kind)
    {
        if (kind != "simulated")
            return kind == "linux" ? new LinuxFileLayer() : new PortableFileLayer();
        var disk = new SimulatedDisk();
        disk.CreateDirectory(_folder.Path);
        return disk;
    }
}
