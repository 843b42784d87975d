using System.Text;
using Microsoft.Data.Sqlite;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Redis;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Policies;

/// <summary>The running server with a list of policies: what it makes of messages arrives at a next hop octet for octet.</summary>
public sealed class PolicyTests
{
    private const string Edits =
        """
        { "Type": "RemoveHeaders", "Names": ["X-Internal-*"] },
        { "Type": "RewriteHeaders", "Names": ["Subject"], "Pattern": "^", "Replacement": "[list] " },
        { "Type": "AddHeader", "Name": "X-Seen", "Value": "by {server} from {sender}" }
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [FullFact("redis-server", "redis-cli")]
    public async Task Aliases_from_a_file_from_sqlite_and_from_redis_are_followed()
    {
        using var folder = new TemporaryFolder();
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await redis.RunAsync("set", "alias:third@ours.test", "fourth@ours.test, fifth@else.test");
        await File.WriteAllTextAsync(folder["aliases"], "first@ours.test second@ours.test, own@ours.test\nown@ours.test own@ours.test\n");
        using (var database = new SqliteConnection($"Data Source={folder["mail.db"]};Pooling=False"))
        {
            database.Open();
            using SqliteCommand command = database.CreateCommand();
            command.CommandText = "CREATE TABLE aliases (address TEXT, target TEXT); INSERT INTO aliases VALUES ('second@ours.test', 'third@ours.test'), ('second@ours.test', 'sixth@ours.test')";
            command.ExecuteNonQuery();
        }

        await using var hop = new RecordingSink();
        await using PolicyServer server = await PolicyServer.StartAsync(
            folder,
            $$"""
            [
              { "Type": "Aliases", "Source": "{{folder["aliases"]}}" },
              { "Type": "Aliases", "Source": "sqlite:{{folder["mail.db"]}}?query=SELECT target FROM aliases WHERE address = @key" },
              { "Type": "Aliases", "Source": "redis://127.0.0.1:{{redis.Port}}?prefix=alias:" },
              { "Type": "Forward", "Rules": [{ "Pattern": "^sixth@", "Replacement": "seventh@" }] }
            ]
            """,
            $"smtp://127.0.0.1:{hop.Port}");
        Assert.StartsWith("250 ", await server.SendAsync("Subject: x\r\n\r\nbody\r\n", "First+tag@ours.test", "own@ours.test"), StringComparison.Ordinal);
        var recipients = new List<string>();
        for (int i = 0; i < 2; i++)
            recipients.AddRange((await hop.TakeAsync(Patience))!.Value.Recipients);
        Assert.Equal(["fifth@else.test", "fourth@ours.test", "own@ours.test", "seventh@ours.test"], recipients.Order(StringComparer.Ordinal));
        await redis.KillAsync();
        Assert.StartsWith("451 4.3.0", await server.SendAsync("Subject: x\r\n\r\nbody\r\n", "third@ours.test"), StringComparison.Ordinal);
    }

    [FullFact]
    public async Task Edited_message_arrives_octet_for_octet()
    {
        using var folder = new TemporaryFolder();
        await using var hop = new RecordingSink();
        await using PolicyServer server = await PolicyServer.StartAsync(folder, $"[{Edits}]", $"smtp://127.0.0.1:{hop.Port}");
        await server.SendAsync("DKIM-Signature: v=1;\r\n\tb=abc ;\r\nX-Internal-Id: 5\r\nsubject:  odd\r\nTo :x\r\n\r\nX-Internal-Id: body\r\n", "bob@ours.test");
        Assert.Equal(
            "X-Seen: by mx.ours.test from alice@client.test\r\nDKIM-Signature: v=1;\r\n\tb=abc ;\r\nsubject: [list] odd\r\nTo :x\r\n\r\nX-Internal-Id: body\r\n",
            Encoding.Latin1.GetString((await hop.TakeAsync(Patience))!.Value.Content));
    }

    [FullFact]
    public async Task Edited_message_of_30_megabytes_survives_a_kill_octet_for_octet_and_is_not_held_in_memory()
    {
        using var folder = new TemporaryFolder();
        string body = string.Concat(Enumerable.Range(0, 30 * 1024 * 1024 / 64).Select(i => $"{i:D10} a line of sixty-four octets with its number at the start\r\n"));
        string storage = "disk:" + folder["spool"];
        long before, after;
        await using (PolicyServer server = await PolicyServer.StartAsync(folder, $"[{Edits}]", "hold:", storage))
        {
            Assert.StartsWith("250 ", await server.SendAsync("Subject: small\r\n\r\nbody\r\n", "bob@small.test"), StringComparison.Ordinal);
            before = ResidentOctets(server.Program.Id);
            Assert.StartsWith("250 ", await server.SendAsync("X-Internal-Id: 5\r\nSubject: large\r\n\r\n" + body, "bob@ours.test", "sue@else.test"), StringComparison.Ordinal);
            after = ResidentOctets(server.Program.Id);
            server.Program.Kill();
        }

        Assert.True(after - before < 16 * 1024 * 1024, $"The server grew from {before} to {after} octets.");
        await using var hop = new RecordingSink();
        await using PolicyServer again = await PolicyServer.StartAsync(folder, "[]", $"smtp://127.0.0.1:{hop.Port}", storage);
        var large = new List<string>();
        string head = "X-Seen: by mx.ours.test from alice@client.test\r\nSubject: [list] ";
        for (int i = 0; i < 3; i++)
        {
            (IReadOnlyList<string> recipients, byte[] content) = (await hop.TakeAsync(Patience))!.Value;
            bool isSmall = recipients[0] == "bob@small.test";
            byte[] expected = Encoding.Latin1.GetBytes(head + (isSmall ? "small\r\n\r\nbody\r\n" : "large\r\n\r\n" + body));
            Assert.True(expected.AsSpan().SequenceEqual(content), $"{recipients[0]} got {content.Length} other octets than the {expected.Length} expected.");
            large.AddRange(recipients);
        }

        Assert.Equal(["bob@ours.test", "bob@small.test", "sue@else.test"], large.Order(StringComparer.Ordinal));
    }

    private static long ResidentOctets(int process)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(static l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], System.Globalization.CultureInfo.InvariantCulture);
    }
}
