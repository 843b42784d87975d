using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using Xunit.Abstractions;

namespace SlimtaFast.EndToEnd.Tests.Durability;

/// <summary>One spool that servers are started on, one after another, and everything that they were ever sent.</summary>
internal sealed partial class SpoolUnderTest : IAsyncDisposable
{
    /// <summary>Where a server takes mail by SMTP.</summary>
    public const string BySmtp = "127.0.0.1:0";

    /// <summary>Where a server takes mail by HTTP.</summary>
    public const string ByHttp = "http://127.0.0.1:0/mail";

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private const int MostLeftovers = 5;

    private readonly string _folder;
    private readonly ITestOutputHelper _output;
    private readonly List<LoadMessage> _messages = [];

    public SpoolUnderTest(string folder, ITestOutputHelper output)
    {
        _folder = folder;
        _output = output;
    }

    public CollectingSink Sink { get; } = new();

    public IEnumerable<LoadMessage> Accepted => _messages.Where(message => message.Outcome == LoadOutcome.Accepted);

    /// <summary>A server that keeps all mail.</summary>
    public Task<(RunningProgram Program, IPEndPoint EndPoint)> StartHoldingAsync(string listen = BySmtp) => StartAsync(listen, "hold:");

    /// <summary>A server that delivers to the sink.</summary>
    public Task<(RunningProgram Program, IPEndPoint EndPoint)> StartRelayingAsync(string listen = BySmtp) => StartAsync(listen, $"smtp://127.0.0.1:{Sink.Port}");

    /// <summary>Remembers what a load has sent.</summary>
    public void Remember(MailLoad load) => _messages.AddRange(load.Messages);

    /// <summary>
    /// Starts a last server, waits until everything acknowledged has arrived, compares it, stops the server, and makes sure that what is
    /// left for another comes to an end.
    /// </summary>
    public async Task AssertAllArriveAsync(string what)
    {
        (RunningProgram program, _) = await StartRelayingAsync();
        await using (program)
        {
            IReadOnlyList<LoadMessage> missing = await Sink.WaitForAsync(Accepted, Quiet);
            int unknown = _messages.Count(message => message.Outcome == LoadOutcome.Unknown);
            int unknownArrived = _messages.Count(message => message.Outcome == LoadOutcome.Unknown && Sink.HasAll(message));
            _output.WriteLine(
                $"{what}: {_messages.Count} messages sent, {Accepted.Count()} acknowledged, {missing.Count} of them missing, {Sink.Torn.Count} torn, " +
                $"{unknown} unanswered ({unknownArrived} arrived), {Sink.Duplicates} deliveries repeated");
            Assert.Empty(Sink.Torn);
            Assert.True(missing.Count == 0, $"{what}: missing {string.Join(' ', missing.Take(20).Select(message => message.Token))}\n{program.Output}");
            Assert.Equal(0, await program.StopAsync());
        }

        await AssertNothingIsLeftAsync(what);
    }

    public async ValueTask DisposeAsync() => await Sink.DisposeAsync();

    // What was delivered but not recorded before a crash is still queued, and so may be what was stored but not acknowledged.
    private async Task AssertNothingIsLeftAsync(string what)
    {
        string loaded = "";
        for (int i = 0; i < MostLeftovers; i++)
        {
            int before = Sink.Messages;
            (RunningProgram program, _) = await StartRelayingAsync();
            await using (program)
            {
                loaded = await program.WaitForLineAsync(line => line.Contains("Loaded ", StringComparison.Ordinal), Limit);
                Match count = ItemCount().Match(loaded);
                Assert.True(count.Success, loaded);
                int items = int.Parse(count.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
                await Sink.WaitForCountAsync(before + items, Quiet);
                Assert.Equal(0, await program.StopAsync());
                if (items == 0)
                    return;
            }
        }

        Assert.Fail($"{what}: after {MostLeftovers} servers there is still: {loaded}");
    }

    private async Task<(RunningProgram Program, IPEndPoint EndPoint)> StartAsync(string listen, string relay) =>
        await SlimtafastProgram.ListenAsync("serve", "--listen", listen, "--hostname", "mx.test", "--storage", $"disk:{Path.Combine(_folder, "spool")}", "--relay", relay);

    [GeneratedRegex("Loaded ([0-9]+) items")]
    private static partial Regex ItemCount();
}
