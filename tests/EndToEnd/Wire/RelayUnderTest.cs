using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>
/// A running <c>slimtafast serve</c> with many next hops, each of which takes part in one script: the mail of a domain of its own goes there,
/// so that what the server learnt about one hop is nothing to the next. What is still queued for a hop of the past is not attempted again.
/// </summary>
internal sealed partial class RelayUnderTest : IAsyncDisposable
{
    private const int Hops = 48;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Queue<HopUnderTest> _hops;
    private readonly RunningProgram _program;
    private readonly IPEndPoint _endPoint;

    private RelayUnderTest(RunningProgram program, IPEndPoint endPoint, Queue<HopUnderTest> hops)
    {
        _program = program;
        _endPoint = endPoint;
        _hops = hops;
    }

    /// <summary>True once each hop has had its script.</summary>
    public bool IsUsedUp => _hops.Count == 0;

    /// <summary>Starts one.</summary>
    public static async Task<RelayUnderTest> StartAsync(string scheme, IEnumerable<string> options, IReadOnlyDictionary<string, string> environment)
    {
        var hops = new Queue<HopUnderTest>(Enumerable.Range(0, Hops).Select(static number => new HopUnderTest(number)));
        // The tests are about one attempt each; a hop that is down is left alone as well.
        var settings = new Dictionary<string, string>(environment) { ["SLIMTAFAST__Queue__HopRetryFirst"] = "1h", ["SLIMTAFAST__Queue__HopRetryMost"] = "1h" };
        foreach (HopUnderTest hop in hops)
        {
            string route = string.Create(CultureInfo.InvariantCulture, $"SLIMTAFAST__Routes__{hop.Number}__");
            settings[route + "Domains"] = hop.Domain;
            settings[route + "Relay"] = string.Create(CultureInfo.InvariantCulture, $"{scheme}://127.0.0.1:{hop.Port}?connections=1");
        }

        try
        {
            // Reports to the sender go nowhere.
            (RunningProgram program, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
                settings,
                ["serve", "--listen", "127.0.0.1:0", "--storage", "memory:", "--relay", "blackhole:", "--hostname", "mx.test", "--threads", "1", "--retry", "1h", .. options]);
            return new RelayUnderTest(program, endPoint, hops);
        }
        catch
        {
            foreach (HopUnderTest hop in hops)
                hop.Dispose();
            throw;
        }
    }

    /// <summary>A hop that nobody has used.</summary>
    public HopUnderTest TakeHop() => _hops.Dequeue();

    /// <summary>Hands a message in for recipients at <see cref="HopUnderTest.UsualDomain"/>, of whom the hop's own domain takes the place, and returns its queue id.</summary>
    public async Task<string> SubmitAsync(HopUnderTest hop, IReadOnlyList<string> recipients, byte[] message)
    {
        await using DialoguePeer client = await DialoguePeer.ConnectAsync(_endPoint, Cover.Plain, Patience);
        byte[] chunk = [.. Encoding.ASCII.GetBytes($"BDAT {message.Length} LAST\r\n"), .. message];
        byte[][] commands =
        [
            "EHLO client.test\r\n"u8.ToArray(), "MAIL FROM:<a@client.test>\r\n"u8.ToArray(),
            .. recipients.Select(recipient => Encoding.ASCII.GetBytes($"RCPT TO:<{hop.ToOwn(recipient)}>\r\n")), chunk,
        ];
        foreach (byte[] command in commands)
        {
            Assert.Equal('2', (await client.ReadReplyAsync())![^1][0]);
            await client.SendAsync(command, Fragmentation.Whole);
        }

        string reply = (await client.ReadReplyAsync())![^1];
        Assert.Matches("^250 .*[0-9a-f]{32}", reply);
        await client.SendLineAsync("QUIT");
        Assert.Equal("221", (await client.ReadReplyAsync())![^1][..3]);
        return Id().Match(reply).Value;
    }

    /// <summary>Waits for the line of the log that tells what became of a message.</summary>
    public Task<string> WaitForOutcomeAsync(string id, Regex line) =>
        _program.WaitForLineAsync(l => l.Contains(id, StringComparison.Ordinal) && line.IsMatch(l), Patience);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        foreach (HopUnderTest hop in _hops)
            hop.Dispose();
    }

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex Id();
}
