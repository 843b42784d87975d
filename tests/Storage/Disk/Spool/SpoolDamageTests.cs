using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;
using SlimtaFast.Storage.Disk.Spool;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Files;

namespace SlimtaFast.Storage.Tests.Disk.Spool;

/// <summary>Whatever happens to a file: the message is read as it was written, or not at all, and the file is kept aside unchanged.</summary>
public sealed class SpoolDamageTests : IDisposable
{
    private static readonly SpoolSettings Settings = SpoolSettings.Below("/spool") with { InMemoryLimit = 64, ReaderThreads = 1, FlusherThreads = 1, WriterThreads = 1 };

    private readonly SimulatedDisk _disk = new();
    private readonly SpoolFiles _spool;

    public SpoolDamageTests() => _spool = new SpoolFiles(_disk, Settings, NullLogger.Instance);

    public static TheoryData<int> Lengths { get; } = [0, 1, 60, 5000];

    public void Dispose() => _spool.Dispose();

    [Theory, MemberData(nameof(Lengths))]
    public void Envelope_truncated_anywhere_goes_to_the_quarantine(int length)
    {
        QueueItem item = Write(length);
        byte[] whole = Octets(EnvelopePath(item));
        for (int left = 0; left < whole.Length; left += left < 600 || left > whole.Length - 600 ? 1 : 97)
            AssertQuarantined(item, whole[..left]);
    }

    [Theory, MemberData(nameof(Lengths))]
    public void Envelope_with_any_octet_changed_goes_to_the_quarantine(int length)
    {
        QueueItem item = Write(length);
        byte[] whole = Octets(EnvelopePath(item));
        for (int at = 0; at < whole.Length; at += at < 600 || at > whole.Length - 600 ? 1 : 97)
        {
            byte[] changed = [.. whole];
            changed[at] ^= (byte)(1 << (at % 8));
            AssertQuarantined(item, changed);
        }
    }

    [Fact]
    public void Envelope_followed_by_more_goes_to_the_quarantine()
    {
        QueueItem item = Write(100);
        AssertQuarantined(item, [.. Octets(EnvelopePath(item)), 0]);
    }

    [Fact]
    public void Envelope_under_another_items_name_goes_to_the_quarantine()
    {
        QueueItem first = Write(100), second = Write(100);
        AssertQuarantined(second, Octets(EnvelopePath(first)));
    }

    [Fact]
    public void State_damaged_anywhere_counts_as_none_and_goes_to_the_quarantine()
    {
        QueueItem item = Write(100);
        _spool.WriteStates([(item.Envelope.Id, item.State with { Version = 1, Attempts = 1 })]);
        string path = $"/spool/meta/{item.Envelope.Id}.meta";
        byte[] whole = Octets(path);
        for (int i = 0; i < whole.Length * 2; i++)
        {
            byte[] changed = i < whole.Length ? whole[..i] : [.. whole];
            if (i >= whole.Length)
                changed[i - whole.Length] ^= (byte)(1 << (i % 8));
            Put(path, changed);
            long before = _spool.QuarantinedFiles;
            if (i % 2 == 0)
                Assert.True(Assert.Single(_spool.Scan()).HasDamagedState);
            else
                Release(_spool.Read(item.Envelope.Id)!);
            Assert.Equal(before + 1, _spool.QuarantinedFiles);
            Assert.False(_disk.Exists(path));
        }
    }

    [Fact]
    public void State_of_another_item_goes_to_the_quarantine()
    {
        QueueItem item = Write(100), other = Write(100);
        _spool.WriteStates([(item.Envelope.Id, item.State with { Version = 1, Attempts = 1 })]);
        _disk.Rename($"/spool/meta/{item.Envelope.Id}.meta", $"/spool/meta/{other.Envelope.Id}.meta");
        Assert.Equal(0, Release(_spool.Read(other.Envelope.Id)!).State.Attempts);
        Assert.Equal(1, _spool.QuarantinedFiles);
    }

    [Fact]
    public async Task Content_file_damaged_takes_its_items_along()
    {
        using ContentWriter writer = _spool.BeginContent(Envelopes.NewId());
        await writer.WriteAsync(new byte[500], CancellationToken.None);
        MessageContent content = await writer.CompleteAsync(ContentTraits.None, CancellationToken.None);
        _spool.StoreContents([content]);
        QueueItem item = Envelopes.MakeItem(content);
        _spool.WriteItems([item]);
        content.Release();
        string path = $"/spool/env/{content.Id}.env";
        byte[] octets = Octets(path);
        octets[100] ^= 1;
        Put(path, octets);
        Assert.Null(_spool.Read(item.Envelope.Id));
        Assert.Equal(2, _spool.QuarantinedFiles);
        Assert.Null(_spool.OpenContent(content.Id, content.Length, content.Crc));
    }

    [Fact]
    public async Task OpenContent_of_another_message_goes_to_the_quarantine()
    {
        using ContentWriter writer = _spool.BeginContent(Envelopes.NewId());
        await writer.WriteAsync(new byte[500], CancellationToken.None);
        MessageContent content = await writer.CompleteAsync(ContentTraits.None, CancellationToken.None);
        _spool.StoreContents([content]);
        content.Release();
        Assert.Null(_spool.OpenContent(content.Id, content.Length, content.Crc + 1));
        Assert.Equal(1, _spool.QuarantinedFiles);
    }

    [Fact]
    public void Read_failing_disk_does_not_count_as_damage()
    {
        QueueItem item = Write(5000);
        var layer = new FaultyFileLayer(_disk);
        using var spool = new SpoolFiles(layer, SpoolSettings.Below("/other") with { EnvelopeFolder = "/other/env" }, NullLogger.Instance);
        _disk.Rename(EnvelopePath(item), $"/other/env/{item.Envelope.Id}.env");
        layer.FailEvery(DiskStepKind.Read, DiskFault.InputOutput);
        Assert.Throws<DiskException>(() => spool.Read(item.Envelope.Id));
        layer.Plan = _ => DiskFault.None;
        Assert.NotNull(spool.Read(item.Envelope.Id));
        Assert.Equal(0, spool.QuarantinedFiles);
    }

    private static QueueItem Release(QueueItem item)
    {
        item.Envelope.Content.Release();
        return item;
    }

    private static string EnvelopePath(QueueItem item) => $"/spool/env/{item.Envelope.Id}.env";

    private void AssertQuarantined(QueueItem item, byte[] octets)
    {
        string path = EnvelopePath(item);
        Put(path, octets);
        long before = _spool.QuarantinedFiles;
        Assert.Null(_spool.Read(item.Envelope.Id));
        Assert.Equal(before + 1, _spool.QuarantinedFiles);
        Assert.False(_disk.Exists(path));
        string kept = $"/spool/quarantine/{item.Envelope.Id}.env" + (before == 0 ? "" : $".{before}");
        Assert.Equal(octets, Octets(kept));
    }

    private QueueItem Write(int length)
    {
        QueueItem item = Envelopes.MakeItem(Contents.InMemory(new byte[length]));
        _spool.WriteItems([item]);
        return item;
    }

    private byte[] Octets(string path)
    {
        using IStoreFile file = _disk.TryOpen(path, writable: false)!;
        byte[] all = new byte[file.Length];
        file.Read(0, all);
        return all;
    }

    private void Put(string path, byte[] octets)
    {
        _disk.Delete(path);
        using IStoreFile file = _disk.Create(path);
        file.Write(0, octets);
    }
}
