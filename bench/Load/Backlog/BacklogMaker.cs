using System.Globalization;
using System.Net;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace SlimtaFast.Load.Backlog;

/// <summary>
/// Fills a spool with waiting messages of 4 KiB, each as a file of its own and due now, through the storage itself. With
/// <c>libeatmydata</c> preloaded the flushes cost nothing, which a million files need.
/// </summary>
internal static class BacklogMaker
{
    private const int Size = 4096;
    private const int AtOnce = 256;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Length != 2 || !int.TryParse(args[1], CultureInfo.InvariantCulture, out int count))
        {
            Console.Error.WriteLine("make-backlog DIR N");
            return 2;
        }

        await using var storage = new DiskStorage(new DiskStorageOptions { Directory = args[0], Journal = false });
        await storage.StartAsync(CancellationToken.None);
        var ids = new QueueIdGenerator(TimeProvider.System);
        byte[] text = Encoding.ASCII.GetBytes("From: <a@backlog.test>\r\nSubject: waiting\r\n\r\n" + string.Concat(Enumerable.Repeat(new string('x', 62) + "\r\n", Size / 64)));
        var client = new ClientFacts { Address = IPAddress.Loopback, HelloName = "backlog.test", Protocol = "ESMTP", ServerName = "localhost" };
        Recipient[] recipients = [new Recipient(Mailbox.Parse("b@backlog.test"))];
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (_, token) =>
        {
            using var writer = new PooledContentWriter(ids.Next(), int.MaxValue, null, static _ => throw new InvalidOperationException("Nothing is spilled."));
            await writer.WriteAsync(text, token);
            MessageContent content = await writer.CompleteAsync(ContentTraits.None, token);
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            var envelope = new Envelope { Id = ids.Next(), ReversePath = Mailbox.Parse("a@backlog.test"), Recipients = recipients, Content = content, ReceivedAt = now, Client = client };
            await storage.WriteAsync([new QueueItem(envelope, DeliveryState.Initial(now, 1))], token);
            content.Release();
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} messages in {args[0]}"));
        return 0;
    }
}
