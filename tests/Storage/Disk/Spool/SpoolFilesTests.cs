using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Spool;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Files;

namespace SlimtaFast.Storage.Tests.Disk.Spool;

public sealed class SpoolFilesTests : IDisposable
{
    private static readonly SpoolSettings Settings = SpoolSettings.Below("/spool") with { InMemoryLimit = 4096, ReaderThreads = 4, FlusherThreads = 2 };

    private readonly SimulatedDisk _disk = new();
    private SpoolFiles _spool;

    public SpoolFilesTests() => _spool = Open();

    public void Dispose() => _spool.Dispose();

    [Fact]
    public async Task WriteItems_read_returns_the_same_items()
    {
        QueueItem[] items = [.. Enumerable.Range(0, 20).Select(i => Envelopes.MakeItem(Contents.InMemory($"Subject: {i}\r\n\r\n{new string('x', i * 500)}\r\n")))];
        _spool.WriteItems(items);
        Restart();
        foreach (QueueItem item in items)
            await AssertSameAsync(item, _spool.Read(item.Envelope.Id));
    }

    [Fact]
    public void WriteItems_makes_the_files_that_the_layout_names()
    {
        QueueItem item = Envelopes.MakeItem(Contents.InMemory());
        _spool.WriteItems([item]);
        _spool.WriteStates([(item.Envelope.Id, item.State with { Version = 1 })]);
        Assert.Equal([$"{item.Envelope.Id}.env"], Names("/spool/env"));
        Assert.Equal([$"{item.Envelope.Id}.meta"], Names("/spool/meta"));
        Assert.Empty(Names("/spool/tmp"));
    }

    [Fact]
    public void Read_unknown_item_returns_null() => Assert.Null(_spool.Read(Envelopes.NewId()));

    [Fact]
    public void WriteStates_read_returns_the_newest_state()
    {
        QueueItem item = Envelopes.MakeItem(Contents.InMemory());
        _spool.WriteItems([item]);
        foreach (int version in new[] { 1, 2, 3 })
            _spool.WriteStates([(item.Envelope.Id, item.State with { Version = version, Attempts = version * 10 })]);
        Restart();
        Assert.Equal(30, _spool.Read(item.Envelope.Id)!.State.Attempts);
    }

    [Fact]
    public void Read_state_older_than_the_head_is_ignored()
    {
        QueueItem item = Envelopes.MakeItem(Contents.InMemory());
        item = item with { State = item.State with { Version = 5, Attempts = 5 } };
        _spool.WriteStates([(item.Envelope.Id, item.State with { Version = 4, Attempts = 4 })]);
        _spool.WriteItems([item]);
        Assert.Equal(5, _spool.Read(item.Envelope.Id)!.State.Attempts);
    }

    [Fact]
    public async Task BeginContent_stored_content_is_read_by_all_its_items()
    {
        byte[] octets = Octets(300_000);
        MessageContent content = await WriteLargeAsync(octets);
        QueueItem[] items = [Envelopes.MakeItem(content), Envelopes.MakeItem(content)];
        _spool.StoreContents([content, content]);
        _spool.WriteItems(items);
        content.Release();
        Restart();
        foreach (QueueItem item in items)
        {
            QueueItem read = _spool.Read(item.Envelope.Id)!;
            Assert.Equal(octets, await Contents.ReadAllAsync(read.Envelope.Content));
            Assert.Equal(content.Id, read.Envelope.Content.Id);
            read.Envelope.Content.Release();
        }

        MessageContent? opened = _spool.OpenContent(content.Id, content.Length, content.Crc);
        Assert.Equal(octets, await Contents.ReadAllAsync(opened!));
        opened!.Release();
        Assert.Equal(3, Names("/spool/env").Count);
    }

    [Fact]
    public async Task BeginContent_given_up_leaves_no_file()
    {
        using (ContentWriter writer = _spool.BeginContent(Envelopes.NewId()))
            await writer.WriteAsync(Octets(1000), CancellationToken.None);
        MessageContent content = await WriteLargeAsync(Octets(1000));
        content.Release();
        _spool.BeginContent(Envelopes.NewId()).Dispose();
        Restart();
        Assert.Empty(Names("/spool/tmp"));
        Assert.Empty(Names("/spool/env"));
    }

    [Fact]
    public async Task BeginContent_no_room_says_full()
    {
        _disk.Capacity = _disk.UsedBytes + 1000;
        using ContentWriter writer = _spool.BeginContent(Envelopes.NewId());
        StorageException failure = await Assert.ThrowsAsync<StorageException>(async () => await writer.WriteAsync(Octets(5000), CancellationToken.None));
        Assert.Equal(StorageFailure.Full, failure.Failure);
    }

    [Fact]
    public async Task WriteItems_large_content_in_memory_is_read_piece_by_piece()
    {
        byte[] octets = Octets(100_000);
        QueueItem item = Envelopes.MakeItem(Contents.InMemory(octets));
        _spool.WriteItems([item]);
        QueueItem read = _spool.Read(item.Envelope.Id)!;
        Assert.False(read.Envelope.Content.TryGetMemory(out _));
        Assert.Equal(octets, await Contents.ReadAllAsync(read.Envelope.Content));

        // And a copy of it as another item's.
        QueueItem copy = Envelopes.MakeItem(read.Envelope.Content);
        _spool.WriteItems([copy]);
        Assert.Equal(octets, await Contents.ReadAllAsync(_spool.Read(copy.Envelope.Id)!.Envelope.Content));
        read.Envelope.Content.Release();
    }

    [Fact]
    public async Task WriteItems_content_not_yet_stored_is_refused()
    {
        MessageContent content = await WriteLargeAsync(Octets(10));
        Assert.Throws<InvalidOperationException>(() => _spool.WriteItems([Envelopes.MakeItem(content)]));
        content.Release();
    }

    [Fact]
    public void Remove_takes_envelope_and_state()
    {
        QueueItem[] items = [Envelopes.MakeItem(Contents.InMemory()), Envelopes.MakeItem(Contents.InMemory())];
        _spool.WriteItems(items);
        _spool.WriteStates([.. items.Select(item => (item.Envelope.Id, item.State))]);
        _spool.Remove([items[0].Envelope.Id, Envelopes.NewId()]);
        Assert.Null(_spool.Read(items[0].Envelope.Id));
        Assert.Equal([$"{items[1].Envelope.Id}.env"], Names("/spool/env"));
        Assert.Equal([$"{items[1].Envelope.Id}.meta"], Names("/spool/meta"));
        Assert.True(_spool.Exists(items[1].Envelope.Id));
        Assert.False(_spool.Exists(items[0].Envelope.Id));
    }

    [Fact]
    public async Task Scan_names_everything_in_order_of_age()
    {
        QueueItem[] items = [.. Enumerable.Range(0, 1000).Select(i => Envelopes.MakeItem(Contents.InMemory($"{i}\r\n"), "alice@example.com", $"bob@d{i}.example"))];
        _spool.WriteItems([.. items.Reverse()]);
        MessageContent content = await WriteLargeAsync(Octets(10_000));
        _spool.StoreContents([content]);
        QueueItem last = Envelopes.MakeItem(content);
        _spool.WriteItems([last]);
        _spool.WriteStates([(items[3].Envelope.Id, items[3].State with { Version = 7, Attempts = 2 })]);
        Restart();

        SpoolEntry[] found = [.. _spool.Scan()];
        Assert.Equal([.. items.Select(item => item.Envelope.Id), content.Id, last.Envelope.Id], found.Select(entry => entry.Name));
        Assert.Equal(SpoolEntryKind.Content, found[1000].Kind);
        Assert.Equal(content.Id, found[1001].ContentFile);
        Assert.Equal(last.Envelope.Length, found[1001].Entry.Length);
        for (int i = 0; i < items.Length; i++)
        {
            Assert.Equal(SpoolEntryKind.Item, found[i].Kind);
            Assert.Equal($"d{i}.example", found[i].Entry.Domain);
            Assert.Equal(i == 3 ? 7 : 0, found[i].Version);
            Assert.Equal(i == 3 ? 2 : 0, found[i].Entry.Attempts);
            Assert.Equal(items[i].State.DueAt, found[i].Entry.DueAt);
        }

        content.Release();
    }

    [Fact]
    public void Scan_ended_early_leaves_the_spool_usable()
    {
        _spool.WriteItems([.. Enumerable.Range(0, 500).Select(_ => Envelopes.MakeItem(Contents.InMemory()))]);
        SpoolEntry first = _spool.Scan().First();
        Assert.NotNull(_spool.Read(first.Name));
    }

    [Fact]
    public void Scan_removes_states_without_envelope_only()
    {
        QueueItem item = Envelopes.MakeItem(Contents.InMemory());
        _spool.WriteItems([item]);
        _spool.WriteStates([(item.Envelope.Id, item.State), (Envelopes.NewId(), item.State)]);
        Assert.Single(_spool.Scan());
        Assert.Equal([$"{item.Envelope.Id}.meta"], Names("/spool/meta"));
    }

    [Fact]
    public void Scan_leaves_files_of_others_alone()
    {
        _disk.Create("/spool/env/README").Dispose();
        _disk.Create($"/spool/env/{Envelopes.NewId().ToString().ToUpperInvariant()}.env").Dispose();
        _disk.Create("/spool/tmp/somebody").Dispose();
        Assert.Empty(_spool.Scan());
        Restart();
        Assert.Equal(2, Names("/spool/env").Count);
        Assert.Equal(["somebody"], Names("/spool/tmp"));
    }

    [Fact]
    public void All_folders_the_same_works()
    {
        var settings = new SpoolSettings { EnvelopeFolder = "/one", StateFolder = "/one", ScratchFolder = "/one", QuarantineFolder = "/one" };
        QueueItem item = Envelopes.MakeItem(Contents.InMemory());
        using (var spool = new SpoolFiles(_disk, settings, NullLogger.Instance))
        {
            spool.WriteItems([item]);
            spool.WriteStates([(item.Envelope.Id, item.State with { Version = 1 })]);
        }

        using var again = new SpoolFiles(_disk, settings, NullLogger.Instance);
        Assert.Equal(1, Assert.Single(again.Scan()).Version);
        again.Remove([item.Envelope.Id]);
        Assert.Empty(Names("/one"));
    }

    [Theory]
    [InlineData("env")]
    [InlineData("meta")]
    [InlineData("tmp")]
    public void Open_folder_in_use_is_refused_and_named(string shared)
    {
        SpoolSettings other = SpoolSettings.Below("/other");
        other = shared switch
        {
            "env" => other with { EnvelopeFolder = "/spool/env" },
            "meta" => other with { StateFolder = "/spool/meta" },
            _ => other with { ScratchFolder = "/spool/tmp" },
        };
        StorageException refusal = Assert.Throws<StorageException>(() => new SpoolFiles(_disk, other, NullLogger.Instance));
        Assert.Contains($"/spool/{shared}/{SpoolFolders.LockName}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetSpace_and_reads_after_disposal_of_the_spool_still_close_files()
    {
        MessageContent content = await WriteLargeAsync(Octets(10_000));
        Assert.True(_spool.GetSpace().FreeBytes > 0);
        _spool.Dispose();
        content.Release();
        Assert.Empty(Names("/spool/tmp"));
    }

    private static byte[] Octets(int count)
    {
        byte[] octets = new byte[count];
        new Random(count).NextBytes(octets);
        return octets;
    }

    private static async Task AssertSameAsync(QueueItem expected, QueueItem? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Envelope.Id, actual.Envelope.Id);
        Assert.Equal(expected.Envelope.Recipients[0].Address, actual.Envelope.Recipients[0].Address);
        Assert.Equal(
            Encoding.ASCII.GetString(await Contents.ReadAllAsync(expected.Envelope.Content)),
            Encoding.ASCII.GetString(await Contents.ReadAllAsync(actual.Envelope.Content)));
        actual.Envelope.Content.Release();
    }

    private async Task<MessageContent> WriteLargeAsync(byte[] octets)
    {
        using ContentWriter writer = _spool.BeginContent(Envelopes.NewId());
        for (int at = 0; at < octets.Length; at += 7777)
            await writer.WriteAsync(octets.AsMemory(at, Math.Min(7777, octets.Length - at)), CancellationToken.None);
        MessageContent content = await writer.CompleteAsync(ContentTraits.EightBit, CancellationToken.None);
        Assert.Equal(Crc32C.Compute(octets), content.Crc);
        Assert.Equal(octets.Length, content.Length);
        return content;
    }

    private SpoolFiles Open() => new(_disk, Settings, NullLogger.Instance);

    private void Restart()
    {
        _spool.Dispose();
        _spool = Open();
    }

    private List<string> Names(string folder)
    {
        var names = new List<string>();
        _disk.List(folder, name =>
        {
            if (!name.SequenceEqual(SpoolFolders.LockName))
                names.Add(name.ToString());
        });
        names.Sort(StringComparer.Ordinal);
        return names;
    }
}
