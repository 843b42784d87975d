using SlimtaFast.Storage.Cloud;
using SlimtaFast.TestKit.OpenStack;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.OpenStack.Tests;

/// <summary>A queue of Zaqar, on a real server, by each version of its interface.</summary>
public sealed class ZaqarMessageQueueTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    [FullFact("/usr/bin/zaqar-server", "/usr/bin/python3", "redis-server", "redis-cli")]
    public async Task Message_is_claimed_renewed_and_deleted()
    {
        await using ZaqarProgram zaqar = await ZaqarProgram.StartAsync();
        foreach (string version in new[] { "v2", "v1.1", "v1" })
        {
            var options = new ZaqarOptions
            {
                Cloud = new OpenStackOptions { Identity = IdentityKind.None, Endpoint = zaqar.Url },
                Queue = $"mail{version.Length}",
                Version = version,
                ProjectId = "1234",
                PollEvery = TimeSpan.FromMilliseconds(100),
            };
            await using var queue = new ZaqarMessageQueue(options, TimeProvider.System);
            await queue.StartAsync(CancellationToken.None);
            await queue.SendAsync([.. Enumerable.Range(0, 12).Select(static i => new OutgoingMessage($"{{\"a\":{i}}}", TimeSpan.Zero))], CancellationToken.None);
            IReadOnlyList<ReceivedMessage> first = await queue.ReceiveAsync(10, TimeSpan.FromSeconds(60), Wait, CancellationToken.None);
            IReadOnlyList<ReceivedMessage> second = await queue.ReceiveAsync(10, TimeSpan.FromSeconds(60), Wait, CancellationToken.None);
            Assert.Equal(
                Enumerable.Range(0, 12).Select(static i => $"{{\"a\":{i}}}").Order(),
                first.Concat(second).Select(static message => message.Body.Replace(" ", "", StringComparison.Ordinal)).Order());
            string[] receipts = [.. first.Concat(second).Select(static message => message.Receipt)];
            await queue.HideAsync(receipts, TimeSpan.FromMinutes(2), CancellationToken.None);
            await queue.DeleteAsync(receipts, CancellationToken.None);
            await queue.DeleteAsync(receipts, CancellationToken.None);
            Assert.Empty(await queue.ReceiveAsync(10, TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(300), CancellationToken.None));
        }
    }
}
