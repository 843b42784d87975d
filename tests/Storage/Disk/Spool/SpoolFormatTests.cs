using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;
using SlimtaFast.Storage.Disk.Spool;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Files;

namespace SlimtaFast.Storage.Tests.Disk.Spool;

/// <summary>The spool's files as docs/spool-format.md describes them: what an older version left must be read for ever.</summary>
[Properties(Arbitrary = [typeof(MailArbitraries)])]
public sealed class SpoolFormatTests
{
    private static readonly SpoolSettings Settings = SpoolSettings.Below("/spool") with { ReaderThreads = 1, FlusherThreads = 1, WriterThreads = 1 };

    private static readonly QueueId ItemId = Id("019cec8a4c5070008000000000000001");
    private static readonly QueueId SecondId = Id("019cec8a4c5070008000000000000002");
    private static readonly QueueId ContentId = Id("019cec8a4c507000800000000000000c");

    [Theory]
    [InlineData("env/019cec8a4c5070008000000000000001.env")]
    [InlineData("env/019cec8a4c5070008000000000000002.env")]
    [InlineData("env/019cec8a4c507000800000000000000c.env")]
    [InlineData("meta/019cec8a4c5070008000000000000001.meta")]
    public async Task Golden_file_is_written_to_the_octet(string name)
    {
        var disk = new SimulatedDisk();
        using SpoolFiles spool = Open(disk);
        await WriteAsync(spool);
        Assert.Equal(Convert.ToHexString(Golden(name)), Convert.ToHexString(Octets(disk, $"/spool/{name}")));
    }

    [Fact]
    public async Task Golden_files_are_read()
    {
        var disk = new SimulatedDisk();
        Open(disk).Dispose();
        foreach (string name in new[] { $"env/{ItemId}.env", $"env/{SecondId}.env", $"env/{ContentId}.env", $"meta/{ItemId}.meta" })
            Put(disk, $"/spool/{name}", Golden(name));
        using SpoolFiles spool = Open(disk);
        Assert.Equal([SpoolEntryKind.Item, SpoolEntryKind.Item, SpoolEntryKind.Content], spool.Scan().Select(entry => entry.Kind));
        QueueItem first = spool.Read(ItemId)!, second = spool.Read(SecondId)!;
        Assert.Equal(1, first.State.Attempts);
        Assert.Equal(Contents.Text.Length, first.Envelope.Content.Length);
        Assert.Equal("Large\r\n"u8.ToArray(), await Contents.ReadAllAsync(second.Envelope.Content));
        Assert.Equal(0, spool.QuarantinedFiles);
    }

    [Property(MaxTest = 50)]
    public Property Any_item_is_read_back_as_written(QueueItem item, byte[] octets)
    {
        MessageContent content = Contents.InMemory(octets);
        item = item with { Envelope = item.Envelope with { Content = content } };
        using SpoolFiles spool = Open(new SimulatedDisk());
        spool.WriteItems([item]);
        QueueItem read = spool.Read(item.Envelope.Id)!;
        read.Envelope.Content.TryGetMemory(out ReadOnlySequence<byte> bytes);
        return (Same.Item(item, read) && bytes.ToArray().AsSpan().SequenceEqual(octets)).ToProperty();
    }

    [Property(MaxTest = 50)]
    public Property Any_state_is_read_back_as_written(QueueItem item, DeliveryState state)
    {
        item = item with { Envelope = item.Envelope with { Content = Contents.InMemory() }, State = item.State with { Version = 0 } };
        state = state with { Version = 1, Recipients = item.State.Recipients };
        using SpoolFiles spool = Open(new SimulatedDisk());
        spool.WriteItems([item]);
        spool.WriteStates([(item.Envelope.Id, state)]);
        return Same.State(state, spool.Read(item.Envelope.Id)!.State).ToProperty();
    }

    [Property(MaxTest = 300)]
    public Property Any_octets_with_a_good_trailer_never_throw(byte[] octets, ushort headLength, bool hasContent, byte cut)
    {
        // A trailer that is right in itself, so that what stands before it is looked at.
        var trailer = new SpoolTrailer
        {
            Name = ItemId,
            ContentId = hasContent ? ContentId : ItemId,
            HasContent = hasContent,
            ContentLength = Math.Max(0, octets.Length - (headLength % (octets.Length + 1))),
            ContentCrc = 1,
            ContentTraits = ContentTraits.None,
            HeadLength = headLength % (octets.Length + 1),
        };
        byte[] file = [.. octets, .. new byte[SpoolTrailer.Size]];
        trailer.Write(file.AsSpan(octets.Length));
        var disk = new SimulatedDisk();
        using SpoolFiles spool = Open(disk);
        Put(disk, $"/spool/env/{ItemId}.env", cut % 4 == 0 ? file[..Math.Max(0, file.Length - cut)] : file);
        return (spool.Read(ItemId) is null && spool.QuarantinedFiles == 1).ToProperty();
    }

    private static async Task WriteAsync(SpoolFiles spool)
    {
        QueueItem item = Item(ItemId, Contents.InMemory(Contents.Text, ItemId));
        spool.WriteItems([item]);
        spool.WriteStates([(ItemId, item.State with { Version = 1, Attempts = 1 })]);
        using ContentWriter writer = spool.BeginContent(ContentId);
        await writer.WriteAsync("Large\r\n"u8.ToArray(), CancellationToken.None);
        MessageContent content = await writer.CompleteAsync(ContentTraits.None, CancellationToken.None);
        spool.StoreContents([content]);
        spool.WriteItems([Item(SecondId, content)]);
        content.Release();
    }

    private static QueueItem Item(QueueId id, MessageContent content)
    {
        QueueItem item = Envelopes.MakeItem(content);
        return item with { Envelope = item.Envelope with { Id = id, Client = new ClientFacts() } };
    }

    private static QueueId Id(string text) => QueueId.TryParse(text, out QueueId id) ? id : throw new FormatException(text);

    private static SpoolFiles Open(SimulatedDisk disk) => new(disk, Settings, NullLogger.Instance);

    private static byte[] Golden(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Disk", "Spool", "Golden", name));

    private static byte[] Octets(SimulatedDisk disk, string path)
    {
        using IStoreFile file = disk.TryOpen(path, writable: false)!;
        byte[] all = new byte[file.Length];
        file.Read(0, all);
        return all;
    }

    private static void Put(SimulatedDisk disk, string path, byte[] octets)
    {
        using IStoreFile file = disk.Create(path);
        file.Write(0, octets);
    }
}
