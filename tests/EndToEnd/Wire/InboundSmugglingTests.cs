using System.Text;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>
/// No mix of line ends around a dot ends DATA but CRLF, dot, CRLF: what a sender hopes to smuggle behind one is part of the message, or
/// the message is refused. It is never a second message (CVE-2023-51764, CVE-2023-51765, CVE-2023-51766 and their kin). So it is in the
/// clear, and so it is under TLS, where each piece comes as a record of its own.
/// </summary>
public sealed class InboundSmugglingTests(ServersUnderTest servers) : IClassFixture<ServersUnderTest>
{
    private const string Smuggled = "MAIL FROM:<evil@smuggled.test>\r\nRCPT TO:<victim@smuggled.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nsecond\r\n.\r\n";

    public static TheoryData<string, Fragmentation, Cover> Cases
    {
        get
        {
            var cases = new TheoryData<string, Fragmentation, Cover>();
            foreach (Cover cover in Enum.GetValues<Cover>())
            {
                // The quick tier cuts into records once, as finely as can be.
                bool once = cover != Cover.Plain && CurrentTier.Value == TestTier.Quick;
                foreach (string side in DotMixes.Sides)
                {
                    foreach (Fragmentation fragmentation in once ? [Fragmentation.Octet] : Enum.GetValues<Fragmentation>())
                        cases.Add(DotMixes.Name(side), fragmentation, cover);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Data_is_one_message_or_refused(string beforeDot, Fragmentation fragmentation, Cover cover)
    {
        string before = DotMixes.Sides.Single(side => DotMixes.Name(side) == beforeDot);
        ServerUnderTest server = await servers.GetAsync(cover);
        var accepted = new List<string>();
        foreach (string after in DotMixes.Sides.Where(after => !DotMixes.IsEnd(before, after)))
        {
            string content = $"Subject: first\r\n\r\nfirst{before}.{after}{Smuggled}";
            await using DialoguePeer client = await OpenAsync(server);
            await client.SendLineAsync("DATA");
            await ExpectAsync("354", client);
            await client.SendAsync(Encoding.Latin1.GetBytes(content), fragmentation);
            string reply = await ReadAsync(client);
            if (reply.StartsWith("250 ", StringComparison.Ordinal))
                accepted.Add(Undot(content));
            else
                Assert.True(reply.StartsWith("550 5.6.", StringComparison.Ordinal), client.Transcript);
            // One content has one answer, and nothing behind it was run.
            await client.ShutdownAsync();
            await client.ExpectEndAsync();
        }

        IReadOnlyList<HopMessage> messages = await server.TakeMessagesAsync();
        Assert.Equal(accepted.Count, messages.Count);
        Assert.All(messages.Zip(accepted), static pair => Check(pair.First, pair.Second));
    }

    [Theory]
    [InlineData(Cover.Plain)]
    [InlineData(Cover.Tls)]
    [InlineData(Cover.StartTls)]
    public async Task Chunks_are_one_message_or_refused(Cover cover)
    {
        ServerUnderTest server = await servers.GetAsync(cover);
        var accepted = new List<string>();
        foreach ((string before, string after) in DotMixes.Sides.SelectMany(static before => DotMixes.Sides.Select(after => (before, after))))
        {
            string content = $"Subject: first\r\n\r\nfirst{before}.{after}{Smuggled}";
            await using DialoguePeer client = await OpenAsync(server);
            await client.SendAsync(Encoding.Latin1.GetBytes($"BDAT {content.Length} LAST\r\n{content}"), Fragmentation.Whole);
            string reply = await ReadAsync(client);
            if (reply.StartsWith("250 ", StringComparison.Ordinal))
                accepted.Add(content);
            else
                Assert.True(reply.StartsWith("550 5.6.", StringComparison.Ordinal), client.Transcript);
            await client.ShutdownAsync();
            await client.ExpectEndAsync();
        }

        IReadOnlyList<HopMessage> messages = await server.TakeMessagesAsync();
        Assert.Equal(accepted.Count, messages.Count);
        Assert.All(messages.Zip(accepted), static pair => Check(pair.First, pair.Second));
        Assert.NotEmpty(accepted);
    }

    private static void Check(HopMessage message, string content)
    {
        Assert.Equal(["RCPT TO:<b@hop.test>"], message.Commands.Where(static c => c.StartsWith("RCPT", StringComparison.Ordinal)));
        Assert.True(message.Is(Encoding.Latin1.GetBytes(content)), message.Text);
    }

    private static async Task<DialoguePeer> OpenAsync(ServerUnderTest server)
    {
        DialoguePeer client = await server.ConnectAsync();
        await ExpectAsync("220", client);
        await client.SendAsync("EHLO client.test\r\nMAIL FROM:<a@client.test>\r\nRCPT TO:<b@hop.test>\r\n"u8.ToArray(), Fragmentation.Whole);
        for (int i = 0; i < 3; i++)
            await ExpectAsync("250", client);
        return client;
    }

    private static async Task ExpectAsync(string code, DialoguePeer client) =>
        Assert.StartsWith(code, await ReadAsync(client), StringComparison.Ordinal);

    private static async Task<string> ReadAsync(DialoguePeer client) => (await client.ReadReplyAsync())?[^1] ?? "";

    // What the receiver's side of dot-stuffing makes of a content (RFC 5321 section 4.5.2), its end taken off.
    private static string Undot(string content) =>
        Encoding.Latin1.GetString(HopMessage.Undot(Encoding.Latin1.GetBytes(content))!);
}
