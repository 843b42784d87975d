using System.Globalization;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Tests.Contract;

/// <summary>
/// What every storage must do. A backend derives from it, says how to open an empty storage, and passes all of it unchanged. All
/// contents come out of <see cref="Budget"/>, which must be whole again once the storage is closed: nothing leaks, nothing is freed
/// twice.
/// </summary>
public abstract partial class QueueStorageContract : IAsyncLifetime
{
    private static readonly int Entries = int.TryParse(Environment.GetEnvironmentVariable("SLIMTAFAST_CONTRACT_ENTRIES"), CultureInfo.InvariantCulture, out int entries) ? entries : 1000;

    private static readonly IReadOnlyList<QueueItem> NoBounces = [];

    /// <summary>The budget of all contents that the tests make in memory; backends may charge their own contents to it as well.</summary>
    protected ContentBudget Budget { get; } = new((256 * 1024 * 1024) + (Entries * 8192L));

    /// <summary>
    /// How many items the tests of many items have: 1,000, or what <c>SLIMTAFAST_CONTRACT_ENTRIES</c> says for a long run.
    /// </summary>
    protected virtual int Many => Entries;

    /// <summary>The storage under test.</summary>
    protected IQueueStorage Storage { get; private set; } = null!;

    /// <summary>Makes a storage that is empty and not started.</summary>
    protected abstract ValueTask<IQueueStorage> CreateAsync();

    /// <inheritdoc/>
    public virtual async Task InitializeAsync()
    {
        Storage = await CreateAsync();
        await Storage.StartAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public virtual async Task DisposeAsync()
    {
        await Storage.DisposeAsync();
        Assert.Equal(0, Budget.Used);
    }

    /// <summary>Puts another storage under test in place of the present one, which is closed already.</summary>
    protected void Replace(IQueueStorage storage) => Storage = storage;

    /// <summary>Writes items and gives up the tests' own reference to their contents, one for each different content.</summary>
    protected async Task StoreAsync(params QueueItem[] items)
    {
        await Storage.WriteAsync(items, CancellationToken.None);
        foreach (MessageContent content in items.Select(static item => item.Envelope.Content).Distinct())
            content.Release();
    }

    /// <summary>Writes one small item and tells its id.</summary>
    protected async Task<QueueId> StoreSmallAsync(string text = Contents.Text)
    {
        QueueItem item = Small(text);
        await StoreAsync(item);
        return item.Envelope.Id;
    }

    /// <summary>A small item whose content reference belongs to the test.</summary>
    protected QueueItem Small(string text = Contents.Text) => Envelopes.MakeItem(Contents.InMemory(text, budget: Budget));

    /// <summary>Reads an item and its content, and releases it.</summary>
    protected async Task<(QueueItem Item, byte[] Content)?> ReadAsync(QueueId id)
    {
        QueueItem? item = await Storage.ReadAsync(id, CancellationToken.None);
        if (item is null)
            return null;
        byte[] content = await Contents.ReadAllAsync(item.Envelope.Content);
        Assert.Equal(item.Envelope.Content.Crc, Crc32C.Compute(content));
        item.Envelope.Content.Release();
        return (item, content);
    }

    /// <summary>All entries in the order in which the storage names them.</summary>
    protected async Task<List<QueueEntry>> LoadAsync()
    {
        var entries = new List<QueueEntry>();
        await foreach (QueueEntry entry in Storage.LoadAsync(CancellationToken.None))
            entries.Add(entry);
        return entries;
    }

    /// <summary>Octets that look like nothing in particular and are the same at every run.</summary>
    protected static byte[] Noise(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A content written through the storage, in pieces of up to <paramref name="piece"/> octets.</summary>
    protected async Task<MessageContent> BeginAndCompleteAsync(byte[] bytes, int piece = 64 * 1024, long? hint = null)
    {
        using ContentWriter writer = Storage.BeginContent(Envelopes.NewId(), hint);
        for (int at = 0; at < bytes.Length; at += piece)
            await writer.WriteAsync(bytes.AsMemory(at, Math.Min(piece, bytes.Length - at)), CancellationToken.None);
        Assert.Equal(bytes.Length, writer.Length);
        return await writer.CompleteAsync(Contents.TraitsOf(bytes), CancellationToken.None);
    }

    /// <summary>The next state of an item: one more attempt, due a minute later.</summary>
    protected static DeliveryState Next(DeliveryState state) => state with
    {
        Version = state.Version + 1,
        Attempts = state.Attempts + 1,
        DueAt = state.DueAt.AddMinutes(1),
        Recipients = [.. state.Recipients.Select(static status => status with
        {
            LastReply = new SmtpReply(451, "4.3.0", "Try again later"),
            RemoteName = "mx.example.org",
        })],
    };

    /// <summary>The last state of an item: all recipients delivered.</summary>
    protected static DeliveryState Closed(DeliveryState state) => state with
    {
        Version = state.Version + 1,
        Attempts = state.Attempts + 1,
        Recipients = [.. state.Recipients.Select(static _ => new RecipientStatus(RecipientPhase.Delivered, new SmtpReply(250, "2.0.0", "Ok")))],
    };
}
