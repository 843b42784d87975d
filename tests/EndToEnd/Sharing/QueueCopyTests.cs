using System.Text.RegularExpressions;
using SlimtaFast.Mail;
using SlimtaFast.Storage;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;
using Xunit.Abstractions;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>The real program moves a queue between real storages of every two kinds, and is killed meanwhile.</summary>
public sealed partial class QueueCopyTests(ITestOutputHelper output)
{
    private static readonly int LargeOctets = CurrentTier.Value == TestTier.Long ? 30_000_000 : 3_000_000;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [EveryStorageFact]
    public async Task Queue_goes_from_every_kind_of_storage_to_every_other_and_comes_back_as_it_was()
    {
        await using EveryStorage all = await EveryStorage.StartAsync();
        QueueItem[] items = [.. MakeSpecial(), MakeLarge(LargeOctets), .. MakeMany(3)];
        await FillAsync(all.Folder, items);

        // Each of the twelve ways once.
        string[] way = [all.Disk, all.Redis, all.S3, all.Swift, all.Disk, all.S3, all.Redis, all.Swift, all.Redis, all.Disk, all.Swift, all.S3, all.Disk];
        for (int step = 1; step < way.Length; step++)
        {
            await using RunningProgram copy = Copy(way[step - 1], way[step]);
            Assert.True(await copy.WaitForExitAsync(Limit) == 0, $"{way[step - 1]} to {way[step]}: {copy.Output}");
            Assert.Contains($"{items.Length} items are the same in both, 0 of them were there already; they were removed from the source", copy.Output, StringComparison.Ordinal);
        }

        await AssertSameAsync(all.Folder, items);
    }

    [EveryStorageFact(isLong: true)]
    public async Task Copy_that_is_killed_at_any_stage_goes_on_where_it_was()
    {
        await using EveryStorage all = await EveryStorage.StartAsync();
        QueueItem[] items = [.. MakeMany(300), .. MakeSpecial(), MakeLarge(2_000_000)];
        await FillAsync(all.Folder, items);

        // Not to Swift: whoever uses a container after one that was killed waits a minute for its place.
        string[] way = [all.Disk, all.Redis, all.S3, all.Disk];
        for (int step = 1; step < way.Length; step++)
        {
            foreach (string stage in new[] { "copying: 0 of", "copying: 0 of", "verifying: 0 of", "removing: 0 of" })
            {
                await using RunningProgram killed = Copy(way[step - 1], way[step]);
                await killed.WaitForLineAsync(line => line.StartsWith(stage, StringComparison.Ordinal), Limit);
            }

            await using RunningProgram copy = Copy(way[step - 1], way[step]);
            Assert.True(await copy.WaitForExitAsync(Limit) == 0, $"{way[step - 1]} to {way[step]}: {copy.Output}");

            // All of what was still in the source had been verified before.
            Match outcome = Outcome().Match(copy.Output);
            output.WriteLine($"{way[step - 1]} to {way[step]}: {outcome.Value}");
            Assert.True(outcome.Success, copy.Output);
            Assert.Equal(outcome.Groups[1].Value, outcome.Groups[2].Value);
        }

        await AssertSameAsync(all.Folder, items);
    }

    [GeneratedRegex(@"(\d+) items are the same in both, (\d+) of them were there already")]
    private static partial Regex Outcome();

    private static RunningProgram Copy(string from, string to) =>
        RunningProgram.Start(SlimtafastProgram.Path, ["queue", "copy", "--from", from, "--to", to, "--remove"], environment: EveryStorage.Settings);

    // Two recipients' items that share a content, every parameter that an envelope has, and one that was attempted.
    private static QueueItem[] MakeSpecial()
    {
        MessageContent content = Contents.InMemory("Subject: Grüße\r\n\r\nGrüße.\r\n");
        Envelope asked = Envelopes.Make(content, "δοκιμή@παράδειγμα.example", "用户@例え.example");
        asked = asked with
        {
            Recipients = [new Recipient(asked.Recipients[0].Address, DsnNotify.Success | DsnNotify.Delay, "utf-8;用户@例え.example")],
            Return = DsnReturn.Headers,
            EnvelopeId = "QQ314159 +",
            Body = BodyType.EightBitMime,
            SmtpUtf8 = true,
            AddedHeaders = "Received: from client.example.com\r\n"u8.ToArray(),
            Terms = new DeliveryTerms { Priority = 3, By = new DeliverBy(Envelopes.Received.AddDays(2), DeliverByMode.Return), HoldUntil = Envelopes.Received.AddHours(1) },
        };
        QueueItem tried = Envelopes.MakeItem(content, "", "bob@one.example", "eve@one.example");
        tried = tried with
        {
            State = tried.State with
            {
                Version = 5,
                Attempts = 4,
                DueAt = Envelopes.Received.AddDays(3).AddTicks(1234567),
                DelayNoticeSent = true,
                Recipients =
                [
                    new RecipientStatus(RecipientPhase.Delivered, new SmtpReply(250, "2.0.0", "Ok")),
                    tried.State.Recipients[1] with { LastReply = new SmtpReply(451, "4.3.0", "Try again later"), RemoteName = "mx.one.example" },
                ],
            },
        };
        return [new QueueItem(asked, DeliveryState.Initial(asked.ReceivedAt, 1)), tried];
    }

    private static QueueItem MakeLarge(int octets)
    {
        byte[] bytes = new byte[octets];
        new Random(octets).NextBytes(bytes);
        return Envelopes.MakeItem(Contents.InMemory(bytes));
    }

    private static QueueItem[] MakeMany(int count) => [.. Enumerable.Range(0, count).Select(static number =>
    {
        byte[] bytes = new byte[number * 300 % 90_000];
        new Random(number).NextBytes(bytes);
        return Envelopes.MakeItem(Contents.InMemory(bytes), "alice@example.com", $"bob@host{number % 7}.example");
    })];

    private static async Task FillAsync(string folder, QueueItem[] items)
    {
        await using var disk = new DiskStorage(new DiskStorageOptions { Directory = folder });
        await disk.StartAsync(CancellationToken.None);
        foreach (IGrouping<MessageContent, QueueItem> message in items.GroupBy(static item => item.Envelope.Content))
            await disk.WriteAsync([.. message], CancellationToken.None);
    }

    private static async Task AssertSameAsync(string folder, QueueItem[] items)
    {
        await using var disk = new DiskStorage(new DiskStorageOptions { Directory = folder });
        await disk.StartAsync(CancellationToken.None);
        var found = new List<QueueId>();
        await foreach (QueueEntry entry in disk.LoadAsync(CancellationToken.None))
            found.Add(entry.Id);
        Assert.Equal(items.Select(static item => item.Envelope.Id).Order(), found.Order());
        foreach (QueueItem item in items)
        {
            QueueItem copy = (await disk.ReadAsync(item.Envelope.Id, CancellationToken.None))!;
            byte[] sent = await Contents.ReadAllAsync(item.Envelope.Content), come = await Contents.ReadAllAsync(copy.Envelope.Content);
            Assert.True(sent.AsSpan().SequenceEqual(come), $"The content of {item.Envelope.Id} is not the same.");
            copy.Envelope.Content.Release();

            // A storage may give a content a name of its own; a removal that was interrupted leaves the first item a version of the same state.
            Assert.True(Same.Envelope(item.Envelope, copy.Envelope with { Content = item.Envelope.Content }), $"The envelope of {item.Envelope.Id} is not the same.");
            Assert.InRange(copy.State.Version, item.State.Version, int.MaxValue);
            Assert.True(Same.State(item.State with { Version = copy.State.Version }, copy.State), $"The state of {item.Envelope.Id} is not the same.");
        }
    }
}
