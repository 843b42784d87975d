using System.Text;
using SlimtaFast.Storage.Disk.Files;
using SlimtaFast.TestKit.Files;

namespace SlimtaFast.Storage.Tests.Disk.Files;

/// <summary>The crash tests are worth as much as the model: what it must keep, what it may lose, and that it does lose it.</summary>
public sealed class SimulatedDiskTests
{
    private const int Cuts = 200;

    [Fact]
    public void PowerCut_flushed_file_in_flushed_directory_is_kept()
    {
        for (int seed = 0; seed < Cuts; seed++)
        {
            SimulatedDisk disk = Make();
            using (IStoreFile file = disk.Create("/d/a"))
            {
                file.Write(0, Filled(5000, 'x'));
                file.Flush();
            }

            FlushDirectory(disk, "/d");
            disk.PowerCut(seed);
            Assert.Equal(new string('x', 5000), Text(disk, "/d/a"));
        }
    }

    [Fact]
    public void PowerCut_unflushed_name_is_sometimes_lost_and_sometimes_kept()
    {
        var seen = Outcomes(disk =>
        {
            using IStoreFile file = disk.Create("/d/a");
            file.Write(0, "x"u8);
            file.Flush();
        }, disk => Text(disk, "/d/a"));
        Assert.Equal(["", "x"], seen);
    }

    [Fact]
    public void PowerCut_renamed_without_flush_can_leave_a_torn_file()
    {
        HashSet<string> seen = Outcomes(disk =>
        {
            using IStoreFile file = disk.Create("/d/tmp");
            file.Write(0, Filled(1024, 'x'));
            disk.Rename("/d/tmp", "/d/a");
            FlushDirectory(disk, "/d");
        }, disk => Text(disk, "/d/a"));
        string half = new string('x', 512), zeros = new string('\0', 512);
        Assert.Superset(new HashSet<string> { "", half + half, half + zeros, zeros + half, zeros + zeros }, seen);
    }

    [Fact]
    public void PowerCut_overwritten_sector_shows_any_version_since_the_flush()
    {
        HashSet<string> seen = Outcomes(disk =>
        {
            using IStoreFile file = disk.Create("/d/a");
            file.Write(0, "1"u8);
            file.Flush();
            FlushDirectory(disk, "/d");
            file.Write(0, "2"u8);
            file.Write(0, "3"u8);
        }, disk => Text(disk, "/d/a"));
        Assert.Equal(["1", "2", "3"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void PowerCut_rename_never_loses_both_names()
    {
        HashSet<string> seen = Outcomes(disk =>
        {
            disk.CreateDirectory("/e");
            using IStoreFile file = disk.Create("/d/a");
            FlushDirectory(disk, "/d");
            disk.Rename("/d/a", "/e/b");
        }, Names);
        Assert.Equal(["/d/a", "/e/b"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void PowerCut_rename_with_target_flushed_only_may_leave_the_old_name()
    {
        HashSet<string> seen = Outcomes(disk =>
        {
            disk.CreateDirectory("/e");
            using IStoreFile file = disk.Create("/d/a");
            FlushDirectory(disk, "/d");
            disk.Rename("/d/a", "/e/b");
            FlushDirectory(disk, "/e");
        }, Names);
        Assert.Equal(["/d/a /e/b", "/e/b"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void PowerCut_replaced_file_is_the_old_or_the_new_one()
    {
        HashSet<string> seen = Outcomes(disk =>
        {
            Put(disk, "/d/a", "old");
            FlushDirectory(disk, "/d");
            Put(disk, "/d/tmp", "new");
            disk.Rename("/d/tmp", "/d/a");
        }, disk => Text(disk, "/d/a"));
        Assert.Equal(["new", "old"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void PowerCut_name_deleted_and_flushed_stays_deleted()
    {
        HashSet<string> seen = Outcomes(disk =>
        {
            disk.CreateDirectory("/e");
            Put(disk, "/d/tmp", "x");
            disk.Rename("/d/tmp", "/e/a");
            FlushDirectory(disk, "/e");
            disk.Delete("/e/a");
            FlushDirectory(disk, "/e");
        }, disk => Text(disk, "/e/a"));
        Assert.Equal([""], seen);
    }

    [Fact]
    public void PowerCut_unflushed_delete_may_come_back()
    {
        HashSet<string> seen = Outcomes(disk =>
        {
            Put(disk, "/d/a", "x");
            FlushDirectory(disk, "/d");
            disk.Delete("/d/a");
        }, disk => Text(disk, "/d/a"));
        Assert.Equal(["", "x"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void PowerCut_unflushed_length_may_be_any_since_the_flush()
    {
        HashSet<string> seen = Outcomes(disk =>
        {
            using IStoreFile file = disk.Create("/d/a");
            FlushDirectory(disk, "/d");
            file.Write(0, "ab"u8);
            file.SetLength(1);
        }, disk => Text(disk, "/d/a").Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(["0", "1", "2"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Failed_flush_followed_by_a_good_one_still_loses_octets()
    {
        HashSet<string> seen = Outcomes(disk =>
        {
            var layer = new FaultyFileLayer(disk);
            using IStoreFile file = layer.Create("/d/a");
            FlushDirectory(disk, "/d");
            file.Write(0, "x"u8);
            layer.FailEvery(DiskStepKind.Flush, DiskFault.InputOutput);
            Assert.Throws<DiskException>(file.Flush);
            layer.Plan = _ => DiskFault.None;
            file.Flush();
            Assert.Equal("x", Text(disk, "/d/a"));
        }, disk => Text(disk, "/d/a"));
        Assert.Equal(["\0", "x"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void PowerCut_same_seed_leaves_the_same()
    {
        string Run(int seed)
        {
            SimulatedDisk disk = Make();
            for (int i = 0; i < 30; i++)
                Put(disk, $"/d/{i}", new string((char)('a' + i), 100 * i));
            disk.PowerCut(seed);
            return string.Concat(Names(disk).Split(' ').Where(name => name.Length > 0).Select(name => Text(disk, name)));
        }

        for (int seed = 0; seed < 20; seed++)
            Assert.Equal(Run(seed), Run(seed));
    }

    [Fact]
    public void PowerCut_ends_open_files_and_locks()
    {
        SimulatedDisk disk = Make();
        IStoreFile file = disk.Create("/d/a");
        IDisposable held = disk.Lock("/d/lock");
        disk.PowerCut(1);
        Assert.Throws<CrashException>(() => file.Write(0, "x"u8));
        using IDisposable again = disk.Lock("/d/lock");
        held.Dispose();
        Assert.Throws<StorageException>(() => disk.Lock("/d/lock"));
    }

    [Fact]
    public void EndProcess_keeps_what_was_written()
    {
        SimulatedDisk disk = Make();
        Put(disk, "/d/a", "x");
        disk.EndProcess();
        Assert.Equal("x", Text(disk, "/d/a"));
    }

    [Fact]
    public void Capacity_reached_fails_with_no_space_and_recovers_with_room()
    {
        SimulatedDisk disk = Make();
        disk.Capacity = 1000;
        using IStoreFile file = disk.Create("/d/a");
        file.Write(0, Filled(800, 'x'));
        DiskException error = Assert.Throws<DiskException>(() => file.Write(800, Filled(300, 'x')));
        Assert.Equal(StorageFailure.Full, error.Failure);
        Assert.Equal(0, disk.GetSpace("/d").FreeBytes);
        file.Write(0, Filled(800, 'y'));
        disk.Capacity = 2000;
        file.Write(800, Filled(300, 'x'));
    }

    [Fact]
    public void IsReadOnly_refuses_changes_and_still_reads()
    {
        SimulatedDisk disk = Make();
        Put(disk, "/d/a", "x");
        disk.IsReadOnly = true;
        Assert.Equal(DiskError.ReadOnly, Assert.Throws<DiskException>(() => disk.Create("/d/b")).Error);
        Assert.Equal(DiskError.ReadOnly, Assert.Throws<DiskException>(() => disk.Delete("/d/a")).Error);
        Assert.Equal("x", Text(disk, "/d/a"));
    }

    [Fact]
    public void Direct_file_refuses_what_is_not_aligned()
    {
        using IStoreFile file = Make().Create("/d/a", direct: true);
        Assert.Equal(DiskError.Invalid, Assert.Throws<DiskException>(() => file.Write(0, new byte[100])).Error);
    }

    private static HashSet<string> Outcomes(Action<SimulatedDisk> work, Func<SimulatedDisk, string> look)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int seed = 0; seed < Cuts; seed++)
        {
            SimulatedDisk disk = Make();
            disk.Random = new Random(seed);
            work(disk);
            disk.PowerCut(seed);
            seen.Add(look(disk));
        }

        return seen;
    }

    private static SimulatedDisk Make()
    {
        var disk = new SimulatedDisk();
        disk.CreateDirectory("/d");
        return disk;
    }

    private static byte[] Filled(int length, char with) => Encoding.ASCII.GetBytes(new string(with, length));

    private static void Put(SimulatedDisk disk, string path, string text)
    {
        using IStoreFile file = disk.Create(path);
        file.Write(0, Encoding.ASCII.GetBytes(text));
        file.Flush();
    }

    private static string Text(SimulatedDisk disk, string path)
    {
        using IStoreFile? file = disk.TryOpen(path, writable: false);
        if (file is null)
            return "";
        byte[] all = new byte[file.Length];
        file.Read(0, all);
        return Encoding.ASCII.GetString(all);
    }

    private static string Names(SimulatedDisk disk)
    {
        var names = new List<string>();
        foreach (string directory in new[] { "/d", "/e" })
            disk.List(directory, name => names.Add($"{directory}/{name}"));
        return string.Join(' ', names.Order(StringComparer.Ordinal));
    }

    private static void FlushDirectory(SimulatedDisk disk, string path)
    {
        using IStoreDirectory directory = disk.OpenDirectory(path);
        directory.Flush();
    }
}
